namespace Mesh.Client.Options;

/// <summary>Limits on where the application connects to.</summary>
public sealed class SecurityOptions
{
    /// <summary>Endpoint policy: the addresses that a source of endpoints, such as a registry, may name.</summary>
    public EndpointPolicyOptions Endpoints { get; set; } = new();
}
