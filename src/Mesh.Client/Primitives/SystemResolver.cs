using System.Net;

namespace Mesh.Client.Primitives;

/// <summary>The machine's own resolver.</summary>
internal sealed class SystemResolver : IHostResolver
{
    /// <remarks>A look-up that the system has begun cannot be cancelled, so it is left to itself.</remarks>
    public Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        var addresses = Dns.GetHostAddressesAsync(host, cancellationToken);
        AbandonedTask.Watch(addresses);
        return addresses.WaitAsync(cancellationToken);
    }
}
