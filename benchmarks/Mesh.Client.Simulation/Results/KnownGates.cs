using Mesh.Client.Simulation.Policies;

namespace Mesh.Client.Simulation.Results;

/// <summary>The gates of load balancing (G), faults (F) and scale (S). Latencies are multiples
/// of the oracle's where no unit stands.</summary>
internal static class KnownGates
{
    /// <summary>The scenarios in which nothing but the choice matters.</summary>
    public static readonly string[] Balancing = ["steady", "dense", "bimodal", "fifo", "hetero", "antagonist", "wan", "big", "gc"];

    private const string Lb = SimulatedPolicy.BalancingOnly;
    private const double None = 0.00005;

    public static IReadOnlyList<Gate> All { get; } =
    [
        new("G1", "steady", Lb, Condition.P99("steady", "all", 1.40), Condition.P999("steady", "all", 1.40)),
        new("G2", "dense", Lb, Condition.P99("dense", "all", 1.20)),
        new("G3", "bimodal", Lb, Condition.P99("bimodal", "all", 1.75)),
        new("G4", "large servers", Lb, Condition.P99("fifo", "all", 1.05), Condition.P99("big", "all", 1.05)),
        new("G5", "servers of different speed", Lb, Condition.P99("hetero", "all", 1.55), Condition.Errors("hetero", "all", 0)),
        new("G6", "antagonist", Lb, Condition.P99("antagonist", "all", 1.70), Condition.Errors("antagonist", "all", 0)),
        new("G7", "2 ms each way", Lb, Condition.P99("wan", "all", 1.45)),
        new(
            "G8",
            "no server reports its load",
            SimulatedPolicy.NoReports,
            Condition.P99("steady", "all", 1.65),
            Condition.P99("hetero", "all", 1.80)),
        new(
            "G9",
            "half of the servers report",
            SimulatedPolicy.HalfReport,
            Condition.Of("geo-mean p99", 1.65, Unit.Multiple, (results, policy) => results.GeometricMean(Balancing, policy))),
        new("G10", "a few at random instead of all", SimulatedPolicy.Sampled, Condition.P99("steady", "all", 1.50)),
        new(
            "F1",
            "slow servers",
            "",
            Condition.P99("gray", "fault", 1.30),
            Condition.P999Ms("gray", "fault", 120),
            Condition.Errors("gray", "fault", None)),
        new(
            "F2",
            "servers that fail fast",
            "",
            Condition.P99("fastfail", "fault", 1.30),
            Condition.Errors("fastfail", "fault", None),
            Condition.Amplification("fastfail", "fault", 1.01)),
        new(
            "F3",
            "no black hole",
            Lb,
            [
                Condition.Errors("fastfail", "fault", 0.003), Condition
                    .Errors("refuse-reset", "fault", 0.003), Condition
                    .Errors("refuse-429", "fault", 0.01), Condition
                    .Errors("refuse-shed", "fault", 0.01),

                // A few are needed to tell an instance from the mistake of a caller. Blind turns would
                // lose 5 % in these, and a third in the last one.
                Condition.Errors("refuse-404", "fault", 0.01), Condition
                    .Errors("refuse-501", "fault", 0.01), Condition
                    .Errors("refuse-200", "fault", 0.1),
            ]),
        new(
            "F4",
            "servers that fail in part",
            "",
            Condition.P99("partfail", "fault", 1.35),
            Condition.Errors("partfail", "fault", 0.0001),
            Condition.Amplification("partfail", "fault", 1.03)),
        new(
            "F5",
            "dead servers",
            "",
            Condition.P99("dead", "fault", 1.35),
            Condition.P999Ms("dead", "fault", 200),
            Condition.Errors("dead", "fault", None)),
        new(
            "F6",
            "rolling restart",
            "",
            Condition.P99("rolling", "roll", 1.60),
            Condition.Errors("rolling", "roll", 0.0001),
            Condition.Amplification("rolling", "roll", 1.03)),
        new("S1", "200 x 200, each client uses 20", Lb, [
            .. new[] { SimulatedPolicy.Ring, SimulatedPolicy.Rendezvous }.Select(variant =>
                Condition.Of(variant + " p99", 1.40, Unit.Multiple, (results, policy) =>
                    results.P99Ratio("scale", "all", policy[..^Lb.Length] + variant))),
            Condition.Of("one over the other", 1.05, Unit.Ratio, static (results, policy) =>
                results.P99Ratio("scale", "all", policy[..^Lb.Length] + SimulatedPolicy.Ring) / results.P99Ratio(
                    "scale", "all", policy[..^Lb.Length] + SimulatedPolicy.Rendezvous) is { } ratio
                    ? Math.Max(ratio, 1 / ratio)
                    : null)]),
        new(
            "S2",
            "10,000 x 10,000, each client uses 20: clients of a server, new connections for a change",
            "",
            Condition.Of("most/mean", 1.10, Unit.Ratio, (_, policy) => SubsetStudy.For(policy)?.MostOverMean),
            Condition.Of("of a server", 2_000, Unit.Count, (_, policy) => SubsetStudy.For(policy)?.MostForServer),
            Condition.Of("of a client", 0, Unit.Count, (_, policy) => SubsetStudy.For(policy)?.ForNewClient)),
    ];
}
