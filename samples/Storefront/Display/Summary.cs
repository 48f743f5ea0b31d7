using System.Globalization;
using Storefront.Driver;

namespace Storefront.Display;

/// <summary>Prints the result.</summary>
internal static class Summary
{
    public static void Print(DemoResult result, bool stock)
    {
        PrintScenes(result);
        PrintEndpoints(result.Endpoints);
        PrintFaults(result);
        PrintOrders(result);
        PrintVerdict(result, stock);
    }

    private static void PrintScenes(DemoResult result)
    {
        Console.WriteLine();
        Line($"{"calls by scene",-16}{"calls",9}{"failed",9}{"success",11}{"p50",12}{"p99",12}");
        for (var i = 0; i < result.Scenes.Count; i++)
        {
            var scene = i;
            PrintCalls(result.Scenes[i].Name, result.Calls.Summarize(call => call.Scene == scene));
        }

        PrintCalls("all", result.Calls.Summarize(_ => true));
        PrintCalls("GET /products", result.Calls.Summarize(call => call.Kind == CallKind.Product));
        PrintCalls("POST /orders", result.Calls.Summarize(call => call.Kind == CallKind.Order));
        foreach (var error in result.Calls.Errors)
        {
            Line($"  failed: {Shorten(error)}");
        }
    }

    private static void PrintCalls(string name, CallSummary calls) => Line(
        $"{name,-16}{calls.Calls,9}{calls.Failed,9}{Cells.Success(calls.Success),11}{Cells.Milliseconds(calls.Latency.P50),12}{Cells.Milliseconds(calls.Latency.P99),12}");

    private static void PrintEndpoints(IReadOnlyList<EndpointRow> endpoints)
    {
        Console.WriteLine();
        Line($"{"endpoint",-16}{"answers",9}{"share",9}{"success",11}   (its own counters, last read before a process ended)");
        foreach (var row in endpoints)
        {
            Line($"{row.Instance.Name,-16}{row.Total.Requests,9}{Cells.Share(row.TotalShare),9}{Cells.Success(row.Total.Success),11}");
        }
    }

    private static void PrintFaults(DemoResult result)
    {
        Console.WriteLine();
        Line($"faults");
        foreach (var proof in result.Proofs)
        {
            Line($"  {(proof.Hit ? "hit " : "MISS")}  {proof.Text.ReplaceLineEndings("\n          ")}");
        }
    }

    private static void PrintOrders(DemoResult result)
    {
        Console.WriteLine();
        Line($"orders: {result.Calls.AcknowledgedOrders.Count} acknowledged, {result.Ledgers.Duplicates.Count} duplicated, {result.LostOrders.Count} lost");
    }

    private static void PrintVerdict(DemoResult result, bool stock)
    {
        var calls = result.Calls.Summarize(_ => true);
        var reasons = result.Reasons();
        Line($"{calls.Calls} calls in {result.Elapsed.TotalSeconds:0} s, {calls.Failed} failed, p50 {Cells.Milliseconds(calls.Latency.P50)}, p99 {Cells.Milliseconds(calls.Latency.P99)}");
        Console.WriteLine();
        if (reasons.Count == 0)
        {
            Line($"SUCCESS: every fault hit, and no customer noticed.");
            return;
        }

        Line(stock
            ? (FormattableString)$"This was the stock stack, where failures are expected; the exit code stays 0. Without --stock these would fail the demo:"
            : $"FAILURE:");
        foreach (var reason in reasons)
        {
            Line($"  - {reason.ReplaceLineEndings("\n      ")}");
        }
    }

    private static string Shorten(string error)
    {
        const int longest = 400;
        var line = error.ReplaceLineEndings(" ");
        return line.Length <= longest ? line : string.Concat(line.AsSpan(0, longest), "…");
    }

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
