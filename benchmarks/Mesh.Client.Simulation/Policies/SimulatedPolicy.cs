using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Simulation.Model;
using Mesh.Client.Simulation.Scenarios;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Client.Simulation.Policies;

/// <summary>A way to choose servers, alone or with everything else that the product does by default.</summary>
/// <param name="Family">The policy as such.</param>
/// <param name="Variant">What is different; empty for the product's defaults.</param>
internal sealed record SimulatedPolicy(string Family, string Variant)
{
    /// <summary>Without retries, outlier detection, breaker and cancelled work.</summary>
    public const string BalancingOnly = "lb";

    /// <summary>As <see cref="BalancingOnly"/>, and as if there were too many endpoints to look at all.</summary>
    public const string Sampled = "sampled";

    /// <summary>As <see cref="BalancingOnly"/>, and no server reports its load.</summary>
    public const string NoReports = "no-reports";

    /// <summary>As <see cref="BalancingOnly"/>, and half of the servers report their load.</summary>
    public const string HalfReport = "half-report";

    /// <summary>As <see cref="BalancingOnly"/>, and each client uses 20 servers, chosen by ordinals.</summary>
    public const string Ring = "ring-20";

    /// <summary>As <see cref="BalancingOnly"/>, and each client uses 20 servers, chosen by their hash.</summary>
    public const string Rendezvous = "rendezvous-20";

    /// <summary>Whether the registry has given the clients ordinals, as it has the servers.</summary>
    public bool HasOrdinals { get; init; } = true;

    /// <summary>Makes the balancer of each client; null for a policy of the product.</summary>
    public Func<World, ILoadBalancer>? Create { get; init; }

    public string Policy { get; init; } = LoadBalancingPolicies.Adaptive;

    public string Name => Variant.Length == 0 ? Family : Family + "/" + Variant;

    /// <summary>Whether retries, outlier detection and breaker are on, as they are by default.</summary>
    public bool Features { get; init; } = true;

    /// <summary>Whether a server stops working for a caller that has given up, as it does behind the mesh.</summary>
    public bool PropagatesDeadline { get; init; } = true;

    /// <summary>The share of the servers that say with each answer how much they have to do.</summary>
    public double Reporting { get; init; } = 1;

    /// <summary>Settings of the product that differ from its defaults.</summary>
    public Action<ServiceOptions>? Configure { get; init; }

    public LoadBalancerCatalog Balancers(World world) =>
        new(
            world.Random,
            world.Clock,
            Create is null ? [] : [new Factory(() => Create(world))],
            new(static () => NullLogger<LoadBalancerCatalog>.Instance));

    /// <summary>The product's defaults with the scenario's times; without its features, only the deadline is left.</summary>
    public ServiceModel Settings(Scenario scenario)
    {
        var options = new ServiceOptions { Timeout = TimeSpan.FromMilliseconds(scenario.DeadlineMs) };
        options.LoadBalancing.Policy = Create is null ? Policy : Factory.Simulated;
        if (Features)
        {
            options.AttemptTimeout = scenario.AttemptMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null;
        }
        else
        {
            options.Retry.MaxRetries = 0;
            options.OutlierDetection.Enabled = false;
            options.CircuitBreaker.Enabled = false;
        }

        Configure?.Invoke(options);
        return new MeshModel(new MeshOptions { Defaults = options }, generation: 1).Defaults;
    }

    private sealed class Factory(Func<ILoadBalancer> create) : ILoadBalancerFactory
    {
        public const string Simulated = "Simulated";

        public string Name => Simulated;

        public ILoadBalancer Create(string service) => create();
    }
}
