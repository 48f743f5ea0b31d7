using System.Net;

namespace Mesh.Client.Security;

/// <summary>Asks DNS. Replaced where a test speaks for it.</summary>
internal interface IHostResolver
{
    Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken);
}
