namespace Mesh.Client.Options;

/// <summary>Endpoint policy: the addresses that a source of endpoints, such as a registry, may name. It does not apply to endpoints of the
/// configuration.</summary>
/// <remarks>Link-local, multicast, reserved and cloud metadata addresses are always refused.</remarks>
public sealed class EndpointPolicyOptions
{
    /// <summary>Networks in which endpoints of a source must be.</summary>
    /// <value>Default none: every address is allowed that is not always refused. Networks such as <c>10.0.0.0/8</c> or
    /// <c>fd12:3456::/32</c>, or single addresses.</value>
    /// <remarks>Recommended in production: without it, write access to the registry is enough to send this application's requests
    /// anywhere.</remarks>
    public IList<string> AllowedNetworks { get; set; } = [];

    /// <summary>DNS suffixes, one of which each host name of a source must have.</summary>
    /// <value>Default none: every name. With <c>svc.cluster.local</c>, <c>orders.svc.cluster.local</c> is allowed and
    /// <c>orders.example.com</c> is not.</value>
    /// <remarks>If this is set, a source may name an address instead of a host name only if it is in
    /// <see cref="AllowedNetworks"/>.</remarks>
    public IList<string> AllowedHostSuffixes { get; set; } = [];

    /// <summary>Whether a source may name addresses of this machine (<c>127.0.0.0/8</c>, <c>::1</c>, <c>localhost</c>).</summary>
    /// <value>Default: true in the Development environment and for a registry on loopback, else false.</value>
    /// <remarks>With <c>true</c>, write access to the registry is enough to reach services that listen on this machine only.</remarks>
    public bool? AllowLoopback { get; set; }
}
