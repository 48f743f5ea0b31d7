using System.Diagnostics;

namespace Storefront.Driver;

/// <summary>The time since the first call.</summary>
internal sealed class DemoClock
{
    private readonly long _started = Stopwatch.GetTimestamp();

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    public static DemoClock Start() => new();

    /// <summary>The time as the demo prints it.</summary>
    public override string ToString() => $"{Elapsed.TotalSeconds,5:0.0} s";
}
