namespace Mesh.Client;

/// <summary>How an endpoint is chosen.</summary>
public sealed class LoadBalancingOptions
{
    /// <summary>The policy: <c>Adaptive</c>, <c>LeastRequest</c> or <c>RoundRobin</c>.</summary>
    /// <value>Default <c>Adaptive</c>.</value>
    public LoadBalancingPolicy? Policy { get; set; }
}
