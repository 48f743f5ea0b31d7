using Mesh.Client.Benchmarks.Subjects;

namespace Mesh.Client.Benchmarks.Results;

/// <summary>What the mesh may cost at most: as a share of what the stock stack adds in the same
/// run, and what has a budget of its own.</summary>
internal static class CostGates
{
    private const double LargestBytesYield = 0.35;
    private const double LargestBytesSync = 0.5;

    private const double LargestCpu = 0.5;

    /// <summary>Every gate that was missed, in words; empty when all that were measured are kept.</summary>
    public static IReadOnlyList<string> Check(IReadOnlyList<AddedCost> costs, IReadOnlyList<CostComparison> comparisons, BenchmarkSize size)
    {
        var largestCpu = LargestCpu * size.Slack;
        var missed = new List<string>();
        var budgeted = costs.Where(c => KnownSubjects.Of(c.Case).Budget is not null).ToList();
        if (comparisons.Count == 0 && budgeted.Count == 0)
        {
            missed.Add("nothing that has a gate was measured");
        }

        foreach (var comparison in comparisons)
        {
            var (_, transport, uri) = comparison.Mesh.Case;
            var largestBytes = transport == BenchmarkCase.Yield ? LargestBytesYield : LargestBytesSync;

            // Written so that a ratio that is not a number misses its gate.
            if (!(comparison.BytesRatio <= largestBytes))
            {
                missed.Add($"{transport}, {uri} URI: {comparison.BytesRatio:0.00} of the bytes that stock adds, at most "
                    + $"{largestBytes:0.00} wanted");
            }

            if (!(comparison.CpuRatio <= largestCpu))
            {
                missed.Add($"{transport}, {uri} URI: {comparison.CpuRatio:0.00} of the processor time that stock adds, at most "
                    + $"{largestCpu:0.00} wanted");
            }
        }

        var speed = comparisons.FirstOrDefault(
            c => c.Stock.Case is { Transport: BenchmarkCase.Sync, Uri: BenchmarkCase.Repeated })?.Stock.CpuNs / Budget.StockNs ?? 1;
        foreach (var (measured, bytes, cpuNs) in budgeted)
        {
            var budget = KnownSubjects.Of(measured).Budget!;
            if (!(bytes <= budget.Bytes))
            {
                missed.Add($"{measured.Stack}, {measured.Transport}: adds {bytes:0} bytes, at most {budget.Bytes:0} wanted");
            }

            // With yield both sides go through the thread pool, and what its threads do to each other differs by more than the budget.
            if (measured.Transport == BenchmarkCase.Sync && !(cpuNs <= budget.CpuNs * speed * size.BudgetSlack))
            {
                missed.Add($"{measured.Stack}, {measured.Transport}: adds {cpuNs:0} ns, at most "
                    + $"{budget.CpuNs * speed * size.BudgetSlack:0} wanted");
            }
        }

        foreach (var measured in budgeted)
        {
            if (KnownSubjects.Of(measured.Case).Budget!.Beside is var (name, times)
                && costs.FirstOrDefault(c => c.Case == measured.Case with { Stack = name }) is { } other
                && !(measured.CpuNs / other.CpuNs <= times * size.Slack))
            {
                missed.Add($"{measured.Case.Stack}: {measured.CpuNs / other.CpuNs:0.0} times the processor time of {name}, at most "
                    + $"{times * size.Slack:0.0} wanted");
            }
        }

        return missed;
    }
}
