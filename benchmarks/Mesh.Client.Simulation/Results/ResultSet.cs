namespace Mesh.Client.Simulation.Results;

/// <summary>All rows, and what they say on average over the seeds.</summary>
internal sealed class ResultSet(IReadOnlyList<ResultRow> rows)
{
    private readonly ILookup<(string Scenario, string Window, string Policy), ResultRow> _rows = rows.ToLookup(
        r => (r.Scenario, r.Window, r.Policy));
    private readonly Dictionary<(string Scenario, string Window, int Seed), double> _oracleP999 =
        rows.Where(r => r.Policy == "Oracle").ToDictionary(r => (r.Scenario, r.Window, r.Seed), r => r.P999);

    public IReadOnlyList<ResultRow> Rows => rows;

    /// <summary>Null when it was not run.</summary>
    public double? Mean(string scenario, string window, string policy, Func<ResultRow, double> figure)
    {
        var found = _rows[(scenario, window, policy)];
        return found.Any() ? found.Average(figure) : null;
    }

    /// <summary>The mean of all figures as one row; null when it was not run.</summary>
    public ResultRow? Mean(string scenario, string window, string policy)
    {
        var found = _rows[(scenario, window, policy)];
        return found.Any()
            ? found.First() with
            {
                P50 = found.Average(r => r.P50),
                P99 = found.Average(r => r.P99),
                P999 = found.Average(r => r.P999),
                Errors = found.Average(r => r.Errors),
                Amplification = found.Average(r => r.Amplification),
                Goodput = found.Average(r => r.Goodput),
            }
            : null;
    }

    /// <summary>As a multiple of the oracle with the same seed.</summary>
    public double? P99Ratio(string scenario, string window, string policy) => Mean(scenario, window, policy, r => r.P99 / r.OracleP99);

    public double? P999Ratio(string scenario, string window, string policy) =>
        Mean(scenario, window, policy, r => r.P999 / _oracleP999[(r.Scenario, r.Window, r.Seed)]);

    /// <summary>The geometric mean of the 99th percentiles over several scenarios; null when one of them was not run.</summary>
    public double? GeometricMean(IReadOnlyList<string> scenarios, string policy)
    {
        var ratios = scenarios.Select(s => P99Ratio(s, "all", policy)).ToList();
        return ratios.Contains(null) ? null : Math.Exp(ratios.Average(r => Math.Log(r!.Value)));
    }
}
