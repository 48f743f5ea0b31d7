using System.Net;

namespace Mesh.Client.Primitives;

/// <summary>Asks DNS. Replaced where a test speaks for it.</summary>
internal interface IHostResolver
{
    Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken);
}
