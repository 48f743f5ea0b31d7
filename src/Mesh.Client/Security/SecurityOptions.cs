namespace Mesh.Client;

/// <summary>What protects the application against those it talks to.</summary>
public sealed class SecurityOptions
{
    /// <summary>What a source of endpoints, such as a registry, may make this application connect to.</summary>
    public EndpointPolicyOptions Endpoints { get; set; } = new();
}
