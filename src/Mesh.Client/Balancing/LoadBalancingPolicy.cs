namespace Mesh.Client;

/// <summary>The ways to choose an endpoint.</summary>
public enum LoadBalancingPolicy
{
    /// <summary>The lowest expected cost by latency, requests in flight and their age, the load that endpoints report, and recent success. For nearly every service.</summary>
    Adaptive,

    /// <summary>The one with fewer requests in flight of two chosen at random.</summary>
    LeastRequest,

    /// <summary>One after the other, from a random start.</summary>
    RoundRobin,
}
