using Mesh.Client.Options;
using Mesh.Client.Outbound.Balancing;

namespace Mesh.Client.Simulation.Policies;

/// <summary>All policies, in the order of the tables. Those of the product come from its own factory.</summary>
internal static class KnownPolicies
{
    /// <summary>What the others are judged by: it knows the state of every server at once.</summary>
    public static SimulatedPolicy Oracle { get; } =
        new("Oracle", "") { Create = world => new OracleBalancer(world.Fleet, world.Random), Features = false, Configure = WholeFleet };

    public static IReadOnlyList<SimulatedPolicy> All { get; } =
    [
        Oracle,
        .. Both(new("Adaptive", "") { Policy = LoadBalancingPolicies.Adaptive }),
        BalancingOnly(
            new("Adaptive", "") { Create = world => new AdaptiveBalancer(world.Random, fullScanLimit: 1) })
                with { Variant = SimulatedPolicy.Sampled, Configure = WholeFleet },
        BalancingOnly(new("Adaptive", "")) with { Variant = SimulatedPolicy.Ring, Configure = Twenty },
        BalancingOnly(new("Adaptive", "")) with { Variant = SimulatedPolicy.Rendezvous, Configure = Twenty, HasOrdinals = false },
        BalancingOnly(new("Adaptive", "")) with { Variant = SimulatedPolicy.NoReports, Reporting = 0 },
        BalancingOnly(new("Adaptive", "")) with { Variant = SimulatedPolicy.HalfReport, Reporting = 0.5 },
        .. Both(new("PeakEwma", "") { Policy = LoadBalancingPolicies.PeakEwma }),
        .. Both(new("FinaglePeakEwma", "") { Create = world => new FinaglePeakEwmaBalancer(world.Random) }),
        .. Both(new("LeastRequest", "") { Policy = LoadBalancingPolicies.LeastRequest }),
        .. Both(new("RoundRobin", "") { Policy = LoadBalancingPolicies.RoundRobin }),
        .. Both(new("WeightedRoundRobin", "") { Policy = LoadBalancingPolicies.WeightedRoundRobin }),
        .. Both(new("Random", "") { Policy = LoadBalancingPolicies.Random }),
    ];

    private static void WholeFleet(ServiceOptions options) => options.LoadBalancing.SubsetSize = 0;

    private static void Twenty(ServiceOptions options) => options.LoadBalancing.SubsetSize = 20;

    private static SimulatedPolicy[] Both(SimulatedPolicy policy) => [policy, BalancingOnly(policy)];

    private static SimulatedPolicy BalancingOnly(SimulatedPolicy policy) =>
        policy with { Variant = SimulatedPolicy.BalancingOnly, Features = false, PropagatesDeadline = false };
}
