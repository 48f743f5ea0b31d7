using System.Net;

namespace Mesh.Client.Primitives;

/// <summary>Asks DNS. Replaced in tests.</summary>
internal interface IHostResolver
{
    Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken);
}
