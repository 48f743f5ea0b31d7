using System.Runtime;

namespace Mesh.Client.Benchmarks.Measuring;

/// <summary>Measures what a loop costs a call.</summary>
internal static class CallMeter
{
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(250);

    /// <summary>How many windows in a row may bring nothing before the code counts as settled.</summary>
    private const int SettledWindows = 4;

    private const double WorthwhileGain = 0.99;

    /// <summary>Short against what a busy machine does to whoever happens to run.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(10);

    /// <summary>More methods than these compiled in a window: the runtime is still at work on the code that is measured.</summary>
    private const int StrayMethods = 10;

    public static async Task<Measurement> MeasureAsync(ILoop loop, TimeSpan shortestWarmUp, BenchmarkSize size)
    {
        var calls = await WarmUpAsync(loop, shortestWarmUp, size);
        return await RunAsync(loop, (int)Math.Min(int.MaxValue, calls * (size.Measured / Window)));
    }

    /// <summary>What a loop costs more than another one that does nearly the same: in turns, because the difference is smaller than what a
    /// busy machine adds to either.</summary>
    public static async Task<Measurement> MeasureDifferenceAsync(ILoop loop, ILoop baseline, TimeSpan shortestWarmUp, BenchmarkSize size)
    {
        var calls = Math.Min(await WarmUpAsync(baseline, shortestWarmUp, size), await WarmUpAsync(loop, shortestWarmUp, size));
        var times = (int)Math.Max(1, calls * (Turn / Window));
        var differences = new List<Measurement>();
        for (var turns = (int)(size.Measured / Turn); turns > 0; turns--)
        {
            // Each goes first in every other turn.
            var loopFirst = turns % 2 == 0;
            var first = await RunAsync(loopFirst ? loop : baseline, times);
            var second = await RunAsync(loopFirst ? baseline : loop, times);
            var (with, without) = loopFirst ? (first, second) : (second, first);
            differences.Add(new Measurement(with.Bytes - without.Bytes, with.CpuNs - without.CpuNs));
        }

        return new Measurement(Median(differences.Select(d => d.Bytes)), Median(differences.Select(d => d.CpuNs)));
    }

    /// <summary>Processor time and bytes of exactly this many calls.</summary>
    public static async Task<Measurement> RunAsync(ILoop loop, int calls)
    {
        var totalBefore = GC.GetTotalAllocatedBytes(precise: true);
        var cpuBefore = Environment.CpuUsage.TotalTime;
        var threadBefore = GC.GetAllocatedBytesForCurrentThread();
        var run = loop.RunAsync(calls);

        // A loop that never left this thread can be counted to the byte; else those of all threads
        // are taken, with a little of the runtime's own.
        var synchronous = run.IsCompleted;
        var threadBytes = GC.GetAllocatedBytesForCurrentThread() - threadBefore;
        await run;
        var cpu = Environment.CpuUsage.TotalTime - cpuBefore;
        var bytes = synchronous ? threadBytes : GC.GetTotalAllocatedBytes(precise: true) - totalBefore;
        return new Measurement((double)bytes / calls, cpu.TotalNanoseconds / calls);
    }

    /// <summary>Runs until no window is faster than the ones before and the compiler is done, and
    /// returns how many calls fill a window then.</summary>
    private static async Task<int> WarmUpAsync(ILoop loop, TimeSpan shortestWarmUp, BenchmarkSize size)
    {
        var calls = 1_000;
        var best = double.MaxValue;
        var idle = 0;
        var used = TimeSpan.Zero;
        var compiled = JitInfo.GetCompiledMethodCount();
        while ((used < shortestWarmUp || idle < SettledWindows) && used < size.LongestWarmUp)
        {
            var measurement = await RunAsync(loop, calls);

            // In processor time: on a busy machine seconds go by in which the compiler gets nothing done.
            var took = TimeSpan.FromMicroseconds(Math.Max(1, measurement.CpuNs * calls / 1_000));
            used += took;

            // Before the first optimised methods come the windows are alike as well, so that the count of methods decides too.
            var compiledNow = JitInfo.GetCompiledMethodCount();
            var settling = measurement.CpuNs < best * WorthwhileGain || compiledNow - compiled > StrayMethods;
            idle = settling ? 0 : idle + 1;
            compiled = compiledNow;
            best = Math.Min(best, measurement.CpuNs);
            calls = (int)Math.Clamp(calls * (Window / took), 100, 10_000_000);
        }

        return calls;
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);
}
