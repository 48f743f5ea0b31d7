using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>A latency that follows a worse sample at once, and a better one slowly over time. Lock-free; a sample lost in a race does no
/// harm.</summary>
internal sealed class PeakLatency
{
    /// <summary>After this long without a sample, 37 % of it is left.</summary>
    private const double WindowMs = 10_000;

    /// <summary>The latency that a failure counts as.</summary>
    private const float PenaltyMs = 5_000;

    private PackedAverage _latency;

    /// <param name="now">When it ended.</param>
    /// <param name="elapsed">The duration of the attempt, microseconds.</param>
    /// <param name="succeeded">Whether it succeeded.</param>
    public void Observe(MeshTime now, TimeSpan elapsed, bool succeeded)
    {
        var stamp = now.Stamp;
        var old = _latency.Read(out var oldStamp);
        var sample = succeeded ? elapsed.InMilliseconds() : Math.Max(PenaltyMs, elapsed.InMilliseconds());
        var weight = _latency.IsEmpty ? 0f : Weight(stamp, oldStamp);

        // Never 0, which stands for no sample.
        var value = sample > old ? sample : Math.Max((old * weight) + (sample * (1f - weight)), 0.001f);
        _latency.TryReplace(old, oldStamp, value, stamp);
    }

    /// <summary>Takes an attempt that ended without an answer: it counts if it was slower than the known latency.</summary>
    public void ObserveAtLeast(MeshTime now, TimeSpan elapsed)
    {
        if (elapsed.InMilliseconds() > Read(now))
        {
            Observe(now, elapsed, succeeded: true);
        }
    }

    /// <summary>Milliseconds; 0 before the first sample.</summary>
    public float Read(MeshTime now)
    {
        var value = _latency.Read(out var stamp);
        return _latency.IsEmpty ? 0 : Math.Max(value * Weight(now.Stamp, stamp), 0.001f);
    }

    private static float Weight(uint stamp, uint earlier) => (float)Math.Exp(-MeshTime.ElapsedMs(stamp, earlier) / WindowMs);
}
