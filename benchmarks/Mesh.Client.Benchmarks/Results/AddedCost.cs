using Mesh.Client.Benchmarks.Measuring;
using Mesh.Client.Benchmarks.Stacks;

namespace Mesh.Client.Benchmarks.Results;

/// <summary>What a stack adds to a plain client on the same transport and URI: the difference of the medians of all rounds.</summary>
internal sealed record AddedCost(BenchmarkCase Case, double Bytes, double CpuNs)
{
    /// <summary>Every stack that was measured together with the plain client.</summary>
    public static IReadOnlyList<AddedCost> From(RoundResults results) =>
    [
        .. from measured in results.Cases
           where measured.Stack != KnownStacks.Bare.Name
           let bare = measured with { Stack = KnownStacks.Bare.Name }
           where results.Cases.Contains(bare)
           select new AddedCost(
               measured,
               results.Bytes(measured) - results.Bytes(bare),
               results.CpuNs(measured).Median - results.CpuNs(bare).Median),
    ];
}
