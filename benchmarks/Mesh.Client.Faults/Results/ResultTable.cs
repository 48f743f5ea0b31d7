using System.Globalization;
using Mesh.Client.Faults.Scenarios;

namespace Mesh.Client.Faults.Results;

/// <summary>Writes the results of all contenders side by side.</summary>
internal static class ResultTable
{
    public static void Write(TextWriter output, IReadOnlyList<ResultRow> rows, Func<Scenario, TimeSpan> duration)
    {
        output.WriteLine();
        output.WriteLine($"{"scenario",-58} {"contender",-15} {"requests",8} {"success",8} {"p50 ms",9} {"p90 ms",9} {"p99 ms",9} {"POSTs",6}  {"requests of each instance"}");
        foreach (var scenario in KnownScenarios.All)
        {
            var title = Describe(scenario, duration(scenario));
            foreach (var row in rows.Where(r => r.Scenario == scenario.Id))
            {
                output.WriteLine(
                    $"{title,-58} {row.Contender,-15} {row.Requests,8} {Percent(row),8} {Milliseconds(row.P50Ms),9} " +
                    $"{Milliseconds(row.P90Ms),9} {Milliseconds(row.P99Ms),9} {row.Posts?.ToString(CultureInfo.InvariantCulture) ?? "-",6}  {Shares(row)}");
                title = "";
            }
        }

        WriteNotes(output, rows);
    }

    private static void WriteNotes(TextWriter output, IReadOnlyList<ResultRow> rows)
    {
        output.WriteLine();
        output.WriteLine(
            "Success is an answer of 200. Latencies are those of the successful calls, from the moment at which the call was due.");
        output.WriteLine("The contenders run one after the other, each with instances of its own on loopback. Endpoints never change: the registry is stale.");
        if (rows.Any(r => r.Scenario == "B1"))
        {
            output.WriteLine(
                "B1: an expert can build 99.9 % from the stock parts: an immediate retry above service discovery that also repeats what a breaker " +
                "refused, and below it a breaker for each address (contender hand-built). It does not help with a slow instance (B4).");
        }

        foreach (var row in rows.Where(r => r.Scenario == "B14"))
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"B14: chi-square of {row.Contender} is {row.ChiSquare:0.0}; chance alone stays below {Gates.LargestChiSquare} in 999 of 1000 runs."));
        }

        if (rows.Any(r => r.Contender == "healthy"))
        {
            output.WriteLine("B4: 'healthy' is a plain client that only knows the healthy instances, under the same load.");
        }
    }

    private static string Describe(Scenario scenario, TimeSpan duration) => scenario.SinglePost
        ? $"{scenario.Id}  {scenario.Title}"
        : $"{scenario.Id}  {scenario.Title}, {scenario.RequestsPerSecond} rps, {duration.TotalSeconds:0.#} s";

    private static string Shares(ResultRow row) => row.Instances is { } counts ? string.Join(" / ", counts) : "-";

    private static string Percent(ResultRow row) =>
        row.AllSucceeded ? "100 %" : string.Create(CultureInfo.InvariantCulture, $"{Math.Min(row.Success, 99.99):0.0#} %");

    private static string Milliseconds(double? value) =>
        value is { } ms ? ms.ToString(ms < 100 ? "0.0" : "0", CultureInfo.InvariantCulture) : "-";
}
