using Mesh.Client.Benchmarks.Subjects;

namespace Mesh.Client.Benchmarks.Measuring;

/// <summary>One case in this process.</summary>
internal static class SingleCase
{
    public static async Task<Measurement> MeasureAsync(BenchmarkCase benchmarkCase, BenchmarkSize size)
    {
        var subject = KnownSubjects.Of(benchmarkCase);
        await using var loop = await subject.StartAsync(benchmarkCase);
        if (subject.StartBaselineAsync is null)
        {
            return await CallMeter.MeasureAsync(loop, subject.ShortestWarmUp, size);
        }

        await using var baseline = await subject.StartBaselineAsync(benchmarkCase);
        return await CallMeter.MeasureDifferenceAsync(loop, baseline, subject.ShortestWarmUp, size);
    }

    /// <summary>The loop alone, without warm-up: what a profiler is attached to.</summary>
    public static async Task<Measurement> ProfileAsync(BenchmarkCase benchmarkCase, int calls)
    {
        await using var loop = await KnownSubjects.Of(benchmarkCase).StartAsync(benchmarkCase);
        return await CallMeter.RunAsync(loop, calls);
    }
}
