using Mesh.Client.Options;

namespace Mesh.Client.Model;

/// <summary>How the endpoints of a service are connected to. Immutable.</summary>
/// <param name="ConnectTimeout">How long a connection may take without progress.</param>
/// <param name="HostHeader">Which host requests carry.</param>
/// <param name="TlsName">The name that certificates must be for; null for the endpoint's own name.</param>
internal sealed record TransportPolicy(TimeSpan ConnectTimeout, HostHeader HostHeader, string? TlsName)
{
    public static TransportPolicy Create(ServiceOptions service, ServiceOptions defaults) => new(
        service.ConnectTimeout ?? defaults.ConnectTimeout ?? TimeSpan.FromSeconds(1),
        service.HostHeader ?? defaults.HostHeader ?? HostHeader.Auto,
        service.TlsName);
}
