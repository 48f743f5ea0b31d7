namespace Mesh.Client.Simulation.Results;

/// <summary>A figure, on average over the seeds, and what it may be at most.</summary>
/// <param name="Name">What it is called in the table.</param>
/// <param name="Limit">It may be as much as this.</param>
/// <param name="Figure">From all results and the name of a policy; null when it was not run.</param>
internal sealed record Condition(string Name, double Limit, Func<ResultSet, string, double?> Figure)
{
    public Unit Unit { get; private init; }

    public static Condition P99(string scenario, string window, double limit) =>
        new(scenario + " p99", limit, (results, policy) => results.P99Ratio(scenario, window, policy));

    public static Condition P999(string scenario, string window, double limit) =>
        new(scenario + " p99.9", limit, (results, policy) => results.P999Ratio(scenario, window, policy));

    public static Condition P999Ms(string scenario, string window, double limit) =>
        new(scenario + " p99.9", limit, (results, policy) => results.Mean(scenario, window, policy, r => r.P999))
        {
            Unit = Unit.Milliseconds,
        };

    public static Condition Errors(string scenario, string window, double limit) =>
        new(scenario + " errors", limit, (results, policy) => results.Mean(scenario, window, policy, r => r.Errors)) { Unit = Unit.Share };

    public static Condition Amplification(string scenario, string window, double limit) =>
        new(scenario + " attempts", limit, (results, policy) => results.Mean(scenario, window, policy, r => r.Amplification))
        {
            Unit = Unit.Ratio,
        };

    public static Condition Of(string name, double limit, Unit unit, Func<ResultSet, string, double?> figure) => new(name, limit, figure)
    {
        Unit = unit,
    };
}
