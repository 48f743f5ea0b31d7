using Mesh.Client.Benchmarks.Stacks;

namespace Mesh.Client.Benchmarks.Measuring;

/// <summary>One case in this process.</summary>
internal static class SingleCase
{
    public static Task<Measurement> MeasureAsync(BenchmarkCase benchmarkCase, BenchmarkSize size) =>
        WithLoopAsync(benchmarkCase, loop => CallMeter.MeasureAsync(loop, size));

    /// <summary>The loop alone, without warm-up: what a profiler is attached to.</summary>
    public static Task<Measurement> ProfileAsync(BenchmarkCase benchmarkCase, int calls) =>
        WithLoopAsync(benchmarkCase, loop => CallMeter.RunAsync(loop, calls));

    private static async Task<Measurement> WithLoopAsync(BenchmarkCase benchmarkCase, Func<CallLoop, Task<Measurement>> measure)
    {
        var stack = KnownStacks.All.Single(s => s.Name == benchmarkCase.Stack);
        await using var application = await ClientApplication.StartAsync(stack, benchmarkCase.Transport);
        return await measure(new CallLoop(application.Client, freshUri: benchmarkCase.Uri == BenchmarkCase.Fresh));
    }
}
