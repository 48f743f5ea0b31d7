using Mesh.Client.Benchmarks.Measuring;

namespace Mesh.Client.Benchmarks.Registry;

/// <summary>One piece of work, measured once in a process that measures several in turns.</summary>
internal static class Turn
{
    public static async Task<Measurement> MeasureAsync(Func<Task> work)
    {
        // What the turn before has left is not its successor's.
        GC.Collect();
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var cpu = Environment.CpuUsage.TotalTime;
        await work();
        return new Measurement(GC.GetTotalAllocatedBytes(precise: true) - bytes, (Environment.CpuUsage.TotalTime - cpu).TotalNanoseconds);
    }

    public static Measurement Median(List<Measurement> measurements) => new(
        measurements.Select(m => m.Bytes).Order().ElementAt(measurements.Count / 2),
        measurements.Select(m => m.CpuNs).Order().ElementAt(measurements.Count / 2));
}
