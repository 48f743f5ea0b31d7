using Mesh.Client.Benchmarks.Measuring;
using Mesh.Client.Benchmarks.Subjects;

namespace Mesh.Client.Benchmarks.Results;

/// <summary>What a subject adds to its baseline on the same transport and URI: the difference of the medians of all rounds.</summary>
internal sealed record AddedCost(BenchmarkCase Case, double Bytes, double CpuNs)
{
    /// <summary>Every subject that was measured together with its baseline, and those whose figures count as they are.</summary>
    public static IReadOnlyList<AddedCost> From(RoundResults results) =>
    [
        .. from measured in results.Cases
           let subject = KnownSubjects.Of(measured)
           let baseline = subject.Baseline is { } name ? measured with { Stack = name } : null
           where baseline is null ? subject.Budget is not null || subject.StartBaselineAsync is not null : results.Cases.Contains(baseline)
           select new AddedCost(
               measured,
               results.Bytes(measured) - (baseline is null ? 0 : results.Bytes(baseline)),
               results.CpuNs(measured).Median - (baseline is null ? 0 : results.CpuNs(baseline).Median)),
    ];
    /// <summary>The figures of the repeated URI, as other programs read them.</summary>
    public static IEnumerable<object> ForPrograms(IEnumerable<AddedCost> costs) =>
        from cost in costs
        where cost.Case.Uri == BenchmarkCase.Repeated
        select new
        {
            cost.Case.Stack,
            cost.Case.Transport,
            AddedBytes = Math.Round(cost.Bytes),
            AddedCpuNs = Math.Round(cost.CpuNs),
        };
}
