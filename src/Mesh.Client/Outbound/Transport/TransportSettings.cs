using Mesh.Client.Options;

namespace Mesh.Client.Outbound.Transport;

/// <summary>Connection settings common to all endpoints of a service.</summary>
/// <param name="HostHeader">Which host requests carry.</param>
/// <param name="TlsName">The name that certificates must be for; null for the endpoint's own.</param>
/// <param name="Create">Makes the connections of one endpoint.</param>
internal sealed record TransportSettings(HostHeader HostHeader, string? TlsName, Func<EndpointDescription, HttpMessageInvoker> Create)
{
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told when an endpoint's connections were found dead and are replaced.</summary>
    public Action<EndpointDescription>? Replaced { get; init; }
}
