using Mesh.Client.Limits;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Resilience;

namespace Mesh.Client.Outbound.Services;

/// <summary>A part of a service's endpoints, and the state that the calls to it share: balancer, breaker, retry budget.</summary>
/// <remarks>Immutable itself. A change of its policy makes the next one, which takes over what the change leaves alone: a call under way
/// goes on with what it began with.</remarks>
internal sealed class Subset
{
    private readonly ServiceEndpoints _endpoints;

    private Subset(SubsetModel model, ServiceEndpoints endpoints, ILoadBalancer balancer, CircuitBreaker breaker, RetryBudget budget)
    {
        (Model, _endpoints) = (model, endpoints);
        (Balancer, Breaker, Budget) = (balancer, breaker, budget);
    }

    public SubsetModel Model { get; }

    public ILoadBalancer Balancer { get; }

    public CircuitBreaker Breaker { get; }

    public RetryBudget Budget { get; }

    /// <summary>Its endpoints at this moment.</summary>
    public EndpointSet Endpoints => _endpoints.Current;

    /// <param name="model">What is wanted.</param>
    /// <param name="previous">The state that was in force under the same name; null for none.</param>
    /// <param name="endpoints">The endpoints of the service.</param>
    /// <param name="dependencies">What every service needs.</param>
    public static Subset Create(SubsetModel model, Subset? previous, ServiceEndpoints endpoints, ServiceDependencies dependencies)
    {
        if (previous?.Model == model)
        {
            return previous;
        }

        var (before, policy) = (previous?.Model.Policy, model.Policy);
        var balancer = before?.LoadBalancing == policy.LoadBalancing ? previous?.Balancer : null;
        var breaker = before?.CircuitBreaker == policy.CircuitBreaker ? previous?.Breaker : null;
        return new Subset(
            model,
            endpoints,
            balancer ?? dependencies.LoadBalancers.Create(policy.LoadBalancing, endpoints.Name),
            breaker ?? dependencies.Breakers.Create(endpoints.Name, policy.CircuitBreaker),
            previous?.Budget ?? new RetryBudget(dependencies.Clock));
    }
}
