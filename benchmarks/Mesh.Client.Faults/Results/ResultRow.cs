using System.Text.Json.Serialization;
using Mesh.Client.Faults.Contenders;
using Mesh.Client.Faults.Load;
using Mesh.Client.Faults.Scenarios;

namespace Mesh.Client.Faults.Results;

/// <summary>One line of the table and of the file of results.</summary>
/// <param name="Scenario">The id of the scenario.</param>
/// <param name="Contender">The name of the contender.</param>
/// <param name="Requests">How many calls were made.</param>
/// <param name="Success">How many of them were answered with 200, in per cent.</param>
/// <param name="P50Ms">Latency of the successful calls; null without any.</param>
/// <param name="P90Ms">Likewise.</param>
/// <param name="P99Ms">Likewise.</param>
/// <param name="Posts">How many POSTs the instances saw; null where none was sent.</param>
/// <param name="Instances">How many requests each instance got; null where that is not looked at.</param>
internal sealed record ResultRow(
    string Scenario, string Contender, int Requests, double Success, double? P50Ms, double? P90Ms, double? P99Ms, int? Posts,
        IReadOnlyList<int>? Instances)
{
    /// <summary>Whether every call succeeded; <see cref="Success"/> is rounded.</summary>
    [JsonIgnore]
    public bool AllSucceeded { get; private init; }

    /// <summary>What the failed calls got.</summary>
    [JsonIgnore]
    public string Failures { get; private init; } = "";

    /// <summary>How uneven the shares are: the sum of (got - expected)² / expected (Pearson's chi-square, with one degree of freedom less
    /// than instances).</summary>
    [JsonIgnore]
    public double? ChiSquare =>
        Instances is { Count: > 0 } counts && counts.Average() is > 0 and var expected
            ? counts.Sum(got => (got - expected) * (got - expected) / expected)
            : null;

    public static ResultRow From(Scenario scenario, Contender contender, LoadResult load, int? posts, IReadOnlyList<int>? requests) => new(
        scenario.Id,
        contender.Name,
        load.Requests,
        Math.Round(100.0 * load.Successes / load.Requests, 3),
        Round(load.Percentile(0.50)),
        Round(load.Percentile(0.90)),
        Round(load.Percentile(0.99)),
        posts,
        requests)
    {
        AllSucceeded = load.Successes == load.Requests,
        Failures = load.DescribeFailures(),
    };

    private static double? Round(double? milliseconds) => milliseconds is { } value ? Math.Round(value, 2) : null;
}
