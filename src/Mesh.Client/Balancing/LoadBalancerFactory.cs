namespace Mesh.Client.Balancing;

/// <summary>From the name of a policy to its implementation. Each service has its own, since some hold state.</summary>
internal sealed class LoadBalancerFactory(IRandomSource random)
{
    public ILoadBalancer Create(LoadBalancingPolicy policy) => policy switch
    {
        LoadBalancingPolicy.Adaptive => new AdaptiveBalancer(random),
        LoadBalancingPolicy.LeastRequest => new LeastRequestBalancer(random),
        LoadBalancingPolicy.RoundRobin => new RoundRobinBalancer(random),
        _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "Unknown load balancing policy."),
    };
}
