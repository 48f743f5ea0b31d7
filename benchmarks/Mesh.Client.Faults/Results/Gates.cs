namespace Mesh.Client.Faults.Results;

/// <summary>What the mesh must reach.</summary>
internal static class Gates
{
    /// <summary>How far the 90th percentile with one slow instance may lie above that of the healthy instances.</summary>
    private const double LargestSlowRatio = 2;

    private const double LargestP99Ms = 100;

    /// <summary>Where instances are of different speed, no more of the slowest percent's latency than this is left.</summary>
    private const double LargestShareOfRoundRobin = 0.5;

    /// <summary>What chance exceeds once in a thousand runs, with the three degrees of freedom of four instances.</summary>
    public const double LargestChiSquare = 16.27;

    /// <summary>Where what a bad instance answers is not repeated elsewhere, these succeed at least, in per cent: blind turns would bring
    /// 67, and some calls find out what the instance is like.</summary>
    private const double LeastSuccess = 97;

    private static readonly string[] NotRepeated =
        ["refuse-429", "refuse-404", "grpc-unavailable", "grpc-unimplemented", "redirect", "broken-body-large"];

    /// <summary>Every gate that was missed, in words; empty when all that were measured are kept.</summary>
    public static IReadOnlyList<string> Check(IReadOnlyList<ResultRow> rows)
    {
        var missed = new List<string>();
        foreach (var row in rows.Where(r => r.Contender == "mesh"))
        {
            // Latencies are those of the successful calls, so that a gate on them says something only where all succeed.
            if (NotRepeated.Contains(row.Scenario))
            {
                if (!(row.Success >= LeastSuccess))
                {
                    missed.Add($"{row.Scenario}: {row.Success} % of the calls succeeded, {LeastSuccess} % wanted ({row.Failures})");
                }
            }
            else if (row.Scenario != "B7" && !row.AllSucceeded)
            {
                missed.Add($"{row.Scenario}: {row.Success} % of the calls succeeded, 100 % wanted ({row.Failures})");
            }

            switch (row.Scenario)
            {
                case "B4":
                    var healthy = rows.FirstOrDefault(r => r.Scenario == "B4" && r.Contender == "healthy")?.P90Ms;
                    if (!(row.P90Ms <= LargestSlowRatio * healthy))
                    {
                        missed.Add($"B4: p90 is {row.P90Ms} ms, at most {LargestSlowRatio} x {healthy} ms wanted");
                    }

                    break;
                case "B14" when !(row.ChiSquare <= LargestChiSquare):
                    missed.Add($"B14: the fresh applications sent {string.Join(", ", row.Instances!)} requests to the instances; chance "
                        + "does not explain that");
                    break;
                case "speeds" when rows.FirstOrDefault(
                    r => r.Scenario == row.Scenario && r.Contender == "mesh-round-robin")?.P99Ms is { } turn
                    && !(row.P99Ms <= LargestShareOfRoundRobin * turn):
                    missed.Add($"speeds: p99 is {row.P99Ms} ms, at most {LargestShareOfRoundRobin} x {turn} ms (round robin) wanted");
                    break;
                case "B6" when !(row.P99Ms < LargestP99Ms):
                    missed.Add($"B6: p99 is {row.P99Ms} ms, less than {LargestP99Ms} ms wanted");
                    break;
                case "B7" when row.Posts != 1:
                    missed.Add($"B7: the instances saw {row.Posts} POSTs, exactly 1 wanted");
                    break;
            }
        }

        if (!rows.Any(r => r.Contender == "mesh"))
        {
            missed.Add("the mesh was not measured");
        }

        return missed;
    }
}
