using Mesh.Client.Options;

namespace Mesh.Client.Model;

/// <summary>How the calls to a service, or to a subset of it, are shared and limited. Immutable.</summary>
/// <param name="LoadBalancing">The name of the load balancing policy.</param>
/// <param name="SubsetSize">The number of endpoints that this process uses of more than twice as many; 0 for all.</param>
/// <param name="ZoneAware">Whether calls stay in the own zone as far as its capacity goes.</param>
/// <param name="CircuitBreaker">When calls are refused.</param>
/// <param name="RetryBudgetRatio">Retries as a share of first attempts.</param>
internal sealed record ServicePolicy(
    string LoadBalancing, int SubsetSize, bool ZoneAware, CircuitBreakerPolicy CircuitBreaker, double RetryBudgetRatio)
{
    public static ServicePolicy Create(ServiceOptions service, ServiceOptions defaults) => new(
        service.LoadBalancing.Policy ?? defaults.LoadBalancing.Policy ?? LoadBalancingPolicies.Adaptive,
        service.LoadBalancing.SubsetSize ?? defaults.LoadBalancing.SubsetSize ?? 32,
        service.LoadBalancing.ZoneAware ?? defaults.LoadBalancing.ZoneAware ?? true,
        CircuitBreakerPolicy.Create(service.CircuitBreaker, defaults.CircuitBreaker),
        service.Retry.BudgetRatio ?? defaults.Retry.BudgetRatio ?? 0.2);
}
