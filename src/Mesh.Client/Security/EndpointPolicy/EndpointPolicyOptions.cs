namespace Mesh.Client;

/// <summary>What a source of endpoints, such as a registry, may make this application connect to. Endpoints of the configuration are the operator's own and not subject to it.</summary>
/// <remarks>Link-local, multicast, reserved and cloud metadata addresses are refused whatever stands here.</remarks>
public sealed class EndpointPolicyOptions
{
    /// <summary>The only networks that endpoints of a source may lie in.</summary>
    /// <value>Default none: every address that is not refused always. Networks as <c>10.0.0.0/8</c> or <c>fd12:3456::/32</c>, or single addresses.</value>
    /// <remarks>Recommended in production: whoever can write to the registry can otherwise send this application's requests anywhere.</remarks>
    public IList<string> AllowedNetworks { get; set; } = [];

    /// <summary>The only DNS suffixes that host names of a source may have.</summary>
    /// <value>Default none: every name. With <c>svc.cluster.local</c>, <c>orders.svc.cluster.local</c> is allowed and <c>orders.example.com</c> is not.</value>
    /// <remarks>Where this is set, a source may name addresses in place of host names only if <see cref="AllowedNetworks"/> holds them.</remarks>
    public IList<string> AllowedHostSuffixes { get; set; } = [];

    /// <summary>Whether a source may name addresses of this machine (<c>127.0.0.0/8</c>, <c>::1</c>, <c>localhost</c>).</summary>
    /// <value>Default: yes in the Development environment and for a registry that is itself addressed by loopback, else no.</value>
    /// <remarks>With <c>true</c>, whoever can write to the registry reaches services that listen on this machine only, because they trust it.</remarks>
    public bool? AllowLoopback { get; set; }
}
