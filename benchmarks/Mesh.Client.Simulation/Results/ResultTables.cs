using System.Globalization;
using Mesh.Client.Simulation.Policies;
using Mesh.Client.Simulation.Scenarios;

namespace Mesh.Client.Simulation.Results;

/// <summary>Writes the results of all policies side by side, as Markdown. Each figure is the mean over the seeds.</summary>
internal static class ResultTables
{
    private static readonly string[] Faults = ["gray", "fastfail", "partfail", "dead", "rolling", "gc", "antagonist"];
    private static readonly string[] Overloads = ["storm", "stormfifo", "storm5"];

    public static void Write(TextWriter output, ResultSet results, IReadOnlyList<Scenario> scenarios)
    {
        var policies = results.Rows.Select(r => r.Policy).Distinct().ToList();
        var alone = policies.Where(p => p == KnownPolicies.Oracle.Name || IsAlone(p)).ToList();
        var complete = policies.Where(p => !IsAlone(p)).ToList();

        WriteBalancing(output, results, Chosen(scenarios, KnownGates.Balancing), alone);
        Write(output, results, "Faults: p99 ms / p99.9 ms / errors / attempts for each "
            + "call", Columns(Chosen(scenarios, Faults), "fault", "roll", "all"), policies,
            rows => string.Create(CultureInfo.InvariantCulture,
                $"{rows.P99:0} / {rows.P999:0} / {rows.Errors:0.000%} / {rows.Amplification:0.00}"));
        Write(output, results, "Overload: goodput as a share of capacity / attempts for each "
            + "call", Columns(Chosen(scenarios, Overloads), "over", "drain", "after"), complete,
            rows => string.Create(CultureInfo.InvariantCulture, $"{rows.Goodput:0.000} / {rows.Amplification:0.00}"));
        Write(output, results, "Half of the servers refuse for 3 s: goodput / attempts / errors / p99 "
            + "ms", Columns(Chosen(scenarios, ["trigger"]), "fault", "recover", "after"), complete,
            rows => string.Create(CultureInfo.InvariantCulture,
                $"{rows.Goodput:0.000} / {rows.Amplification:0.00} / {rows.Errors:0.00%} / {rows.P99:0}"));
        Write(output, results, "200 clients, 200 servers: p50 ms / p99 ms / p99.9 ms / "
            + "errors", Columns(Chosen(scenarios, ["scale"]), "all"), policies,
            rows => string.Create(CultureInfo.InvariantCulture, $"{rows.P50:0.0} / {rows.P99:0} / {rows.P999:0} / {rows.Errors:0.00%}"));
    }

    private static void WriteBalancing(TextWriter output, ResultSet results, List<Scenario> scenarios, List<string> policies)
    {
        if (scenarios.Count == 0)
        {
            return;
        }

        var ids = scenarios.Select(s => s.Id).ToList();
        Head(output, "Balancing only: p99 as a multiple of the oracle's", [.. ids, "geo-mean"]);
        foreach (var policy in policies)
        {
            Row(
                output,
                policy,
                [.. ids.Select(id => Ratio(results.P99Ratio(id, "all", policy))), Ratio(results.GeometricMean(ids, policy))]);
        }

        Row(
            output,
            "p99 of the oracle, ms",
            [.. ids.Select(id => Text(results.Mean(id, "all", KnownPolicies.Oracle.Name, r => r.P99), "0.0")), ""]);
    }

    private static void Write(
        TextWriter output, ResultSet results, string title, List<(string Scenario, string Window)> columns,
            List<string> policies, Func<ResultRow, string> cell)
    {
        if (columns.Count == 0)
        {
            return;
        }

        Head(output, title, [.. columns.Select(c => c.Window == "all" ? c.Scenario : c.Scenario + "/" + c.Window)]);
        foreach (var policy in policies)
        {
            Row(output, policy, [.. columns.Select(c => results.Mean(c.Scenario, c.Window, policy) is { } mean ? cell(mean) : "-")]);
        }
    }

    private static void Head(TextWriter output, string title, string[] columns)
    {
        output.WriteLine();
        output.WriteLine(title + ":");
        output.WriteLine();
        Row(output, "", columns);
        output.WriteLine("|---|" + string.Concat(columns.Select(_ => "---|")));
    }

    private static void Row(TextWriter output, string name, string[] cells) =>
        output.WriteLine($"| {name} | {string.Join(" | ", cells)} |");

    private static bool IsAlone(string policy) => policy.Contains('/', StringComparison.Ordinal);

    private static List<Scenario> Chosen(IReadOnlyList<Scenario> scenarios, string[] ids) => [.. scenarios.Where(s => ids.Contains(s.Id))];

    private static List<(string Scenario, string Window)> Columns(List<Scenario> scenarios, params string[] windows) =>
        [.. scenarios.SelectMany(s => s.AllWindows.Where(w => windows.Contains(w.Name)).Select(w => (s.Id, w.Name)))];

    private static string Ratio(double? value) => Text(value, "0.00");

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
