namespace Mesh.Client;

/// <summary>A part of a service's endpoints.</summary>
public sealed class MeshSubsetState
{
    /// <summary>Its name; null for all endpoints of the service.</summary>
    public string? Name { get; init; }

    /// <summary>The load balancing policy.</summary>
    public required string LoadBalancing { get; init; }

    /// <summary>Whether its circuit breaker lets calls through.</summary>
    public bool IsCircuitClosed { get; init; }

    /// <summary>Whether so many endpoints are ejected that ejections are ignored.</summary>
    public bool IsInPanic { get; init; }
}
