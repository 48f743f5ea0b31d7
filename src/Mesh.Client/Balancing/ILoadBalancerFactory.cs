namespace Mesh.Client.Balancing;

/// <summary>From the name of a policy to its implementation.</summary>
internal interface ILoadBalancerFactory
{
    /// <summary>A new one for each service, since some hold state.</summary>
    ILoadBalancer Create(LoadBalancingPolicy policy);
}
