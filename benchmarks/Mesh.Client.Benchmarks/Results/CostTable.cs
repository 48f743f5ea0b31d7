using Mesh.Client.Benchmarks.Measuring;
using Mesh.Client.Benchmarks.Stacks;

namespace Mesh.Client.Benchmarks.Results;

/// <summary>Writes the figures of all stacks side by side.</summary>
internal static class CostTable
{
    public static void Write(
        TextWriter output, RoundResults results, IReadOnlyList<AddedCost> costs, IReadOnlyList<CostComparison> comparisons)
    {
        output.WriteLine();
        output.WriteLine($"{"transport",-10} {"URI",-9} {"stack",-9} {"B/call",8} {"CPU ns/call: min / median / max",32} {"added B",9} "
            + $"{"added ns",9}");
        foreach (var measured in results.Cases.OrderBy(c => c.Uri == BenchmarkCase.Fresh).ThenBy(c => c.Transport, StringComparer.Ordinal))
        {
            var cpu = results.CpuNs(measured);
            var spread = $"{cpu.Min:0} / {cpu.Median:0} / {cpu.Max:0}";
            var added = costs.FirstOrDefault(c => c.Case == measured);
            output.WriteLine(
                $"{measured.Transport,-10} {measured.Uri,-9} {measured.Stack,-9} {results.Bytes(measured),8:0} {spread,32} " +
                $"{added?.Bytes.ToString("0") ?? "",9} {added?.CpuNs.ToString("0") ?? "",9}");
        }

        foreach (var (failed, reason) in results.Failures)
        {
            output.WriteLine($"{failed.Transport,-10} {failed.Uri,-9} {failed.Stack,-9} not measured: {reason}");
        }

        output.WriteLine();
        foreach (var comparison in comparisons)
        {
            output.WriteLine(
                $"{comparison.Mesh.Case.Transport,-10} {comparison.Mesh.Case.Uri,-9} {KnownStacks.Mesh.Name}/{KnownStacks.Stock.Name}: " +
                $"{comparison.BytesRatio:0.00} of the bytes, {comparison.CpuRatio:0.00} of the processor time that "
                + $"{KnownStacks.Stock.Name} adds");
        }

        output.WriteLine("GetAsync of a response without a body, one call at a time, three endpoints, no loggers. Added = median minus "
            + "the median of what it is added to.");
    }
}
