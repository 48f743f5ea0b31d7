using Mesh.Client.Balancing;

namespace Mesh.Client.Simulation.Policies;

/// <summary>All policies, in the order of the tables. Those of the product come from its own factory.</summary>
internal static class KnownPolicies
{
    private const string Lb = SimulatedPolicy.BalancingOnly;

    /// <summary>What the others are judged by: it knows the state of every server at once.</summary>
    public static SimulatedPolicy Oracle { get; } = new("Oracle", "") { Create = world => new OracleBalancer(world.Fleet, world.Random) };

    public static IReadOnlyList<SimulatedPolicy> All { get; } =
    [
        Oracle,
        new("Adaptive", "") { Policy = LoadBalancingPolicy.Adaptive },
        new("Adaptive", Lb) { Policy = LoadBalancingPolicy.Adaptive, Features = false },
        new("Adaptive", "sampled") { Create = world => new AdaptiveBalancer(world.Random, fullScanLimit: 1), Features = false },
        .. Both("PeakEwma", new("", "") { Create = world => new PeakEwmaBalancer(world.Random) }),
        .. Both("LeastRequest", new("", "") { Policy = LoadBalancingPolicy.LeastRequest }),
        .. Both("RoundRobin", new("", "") { Policy = LoadBalancingPolicy.RoundRobin }),
        .. Both("Random", new("", "") { Create = world => new RandomBalancer(world.Random) }),
    ];

    private static SimulatedPolicy[] Both(string family, SimulatedPolicy policy) =>
        [policy with { Family = family }, policy with { Family = family, Variant = Lb, Features = false }];
}
