using Mesh.Client.Simulation.Model;
using Mesh.Client.Simulation.Scenarios;

namespace Mesh.Client.Simulation.Results;

/// <summary>From the calls of a run to figures.</summary>
internal static class WindowSummary
{
    /// <summary>A row for each window; the oracle's figure is filled in when its run is there.</summary>
    public static IEnumerable<ResultRow> Of(RunResult run) => run.Scenario.AllWindows.Select(window => Of(run, window));

    private static ResultRow Of(RunResult run, Window window)
    {
        var latencies = new List<double>(run.Calls.Count);
        var failed = 0;
        long attempts = 0;
        foreach (var call in run.Calls)
        {
            if (call.Arrived >= window.From && call.Arrived < window.To)
            {
                latencies.Add(call.Latency);
                failed += call.Ok ? 0 : 1;
                attempts += call.Attempts;
            }
        }

        latencies.Sort();
        var count = Math.Max(1, latencies.Count);
        return new ResultRow(
            run.Scenario.Id,
            window.Name,
            run.Policy,
            run.Seed,
            Percentile(latencies, 0.5),
            Percentile(latencies, 0.99),
            Percentile(latencies, 0.999),
            OracleP99: 0,
            failed / (double)count,
            attempts / (double)count,
            (latencies.Count - failed) / ((window.To - window.From) * run.Capacity));
    }

    private static double Percentile(List<double> sorted, double share) =>
        sorted.Count == 0 ? 0 : Math.Round(sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)], 3);
}
