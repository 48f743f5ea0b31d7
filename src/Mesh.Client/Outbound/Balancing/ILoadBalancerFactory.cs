using Mesh.Client.Options;

namespace Mesh.Client;

/// <summary>A load balancing policy of the application. Register an implementation as a singleton to add one.</summary>
public interface ILoadBalancerFactory
{
    /// <summary>The name to use in <c>LoadBalancing:Policy</c>. Case does not matter; the names of <see cref="LoadBalancingPolicies"/> are
    /// reserved.</summary>
    string Name { get; }

    /// <summary>Creates the policy of one service: once when the service is first used, and again when a reload gives it this
    /// policy.</summary>
    /// <param name="service">The name of the service.</param>
    /// <returns>The policy. Null, or an exception, is logged, and endpoints are picked at random.</returns>
    ILoadBalancer Create(string service);
}
