namespace Mesh.Client.Balancing;

/// <summary>The policies of this package.</summary>
internal sealed class LoadBalancerFactory(IRandomSource random) : ILoadBalancerFactory
{
    public ILoadBalancer Create(LoadBalancingPolicy policy) => policy switch
    {
        LoadBalancingPolicy.Adaptive => new AdaptiveBalancer(random),
        LoadBalancingPolicy.LeastRequest => new LeastRequestBalancer(random),
        LoadBalancingPolicy.RoundRobin => new RoundRobinBalancer(random),
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "Unknown load balancing policy."),
    };
}
