namespace Mesh.Client;

/// <summary>A load balancing policy under a name of its own. Register an implementation as a singleton to add one.</summary>
public interface ILoadBalancerFactory
{
    /// <summary>What <c>LoadBalancing:Policy</c> calls it. Case does not matter; the names of <see cref="LoadBalancingPolicies"/> are
    /// taken.</summary>
    string Name { get; }

    /// <summary>Makes the policy of one service: once when the service is first used, and again
    /// when a reload gives it this policy.</summary>
    /// <param name="service">The name of the service.</param>
    /// <returns>The policy. Null, and an exception, is logged, and endpoints are taken at random.</returns>
    ILoadBalancer Create(string service);
}
