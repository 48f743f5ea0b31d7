using Mesh.Client.Options;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>All load balancing policies by name: those of this package, and those of the application.</summary>
internal sealed class LoadBalancerCatalog
{
    private readonly Dictionary<string, Func<string, ILoadBalancer>> _policies;

    /// <exception cref="InvalidOperationException">Two policies have the same name, or one has none.</exception>
    public LoadBalancerCatalog(
        IRandomSource random,
        MeshClock clock,
        IEnumerable<ILoadBalancerFactory> own,
        GuardedLogger<LogCategories.LoadBalancerCatalog> logger)
    {
        _policies = new(StringComparer.OrdinalIgnoreCase)
        {
            [LoadBalancingPolicies.Adaptive] = _ => new AdaptiveBalancer(random),
            [LoadBalancingPolicies.LeastRequest] = _ => new LeastRequestBalancer(random),
            [LoadBalancingPolicies.RoundRobin] = _ => new RoundRobinBalancer(random),
            [LoadBalancingPolicies.WeightedRoundRobin] = _ => new WeightedRoundRobinBalancer(random),
            [LoadBalancingPolicies.PeakEwma] = _ => new PeakEwmaBalancer(random),
            [LoadBalancingPolicies.Random] = _ => new RandomBalancer(random),
        };
        foreach (var factory in own)
        {
            var name = factory.Name;
            if (string.IsNullOrWhiteSpace(name)
                || !_policies.TryAdd(name, service => new GuardedBalancer(factory, name, service, random, clock, logger)))
            {
                throw new InvalidOperationException(
                    $"The load balancing policy '{name}' of {factory.GetType().FullName} needs a name of its own. In use are "
                    + $"{string.Join(", ", _policies.Keys)}.");
            }
        }
    }

    public IReadOnlyCollection<string> Names => _policies.Keys;

    /// <summary>A new policy for each service, since some hold state.</summary>
    /// <param name="policy">A validated name.</param>
    /// <param name="service">The service.</param>
    public ILoadBalancer Create(string policy, string service) => _policies[policy](service);
}
