namespace Mesh.Client;

/// <summary>How an endpoint is chosen.</summary>
public sealed class LoadBalancingOptions
{
    /// <summary>The policy: a name of <see cref="LoadBalancingPolicies"/>, or of an <see cref="ILoadBalancerFactory"/> of the application. Case does not matter.</summary>
    /// <value>Default <c>Adaptive</c>.</value>
    public string? Policy { get; set; }
}
