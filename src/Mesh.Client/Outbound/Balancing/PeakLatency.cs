using Mesh.Client.Outbound.Endpoints;

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

    /// <param name="now">Microseconds.</param>
    /// <param name="micros">The duration of the attempt, microseconds.</param>
    /// <param name="succeeded">Whether it succeeded.</param>
    public void Observe(long now, long micros, bool succeeded)
    {
        var stamp = EndpointLoad.Stamp(now);
        var old = _latency.Read(out var oldStamp);
        var sample = succeeded ? micros / 1000f : Math.Max(PenaltyMs, micros / 1000f);
        var weight = _latency.IsEmpty ? 0f : Weight(stamp, oldStamp);

        // Never 0, which stands for no sample.
        var value = sample > old ? sample : Math.Max((old * weight) + (sample * (1f - weight)), 0.001f);
        _latency.TryReplace(old, oldStamp, value, stamp);
    }

    /// <summary>Takes an attempt that ended without an answer: it counts if it was slower than the known latency.</summary>
    public void ObserveAtLeast(long now, long micros)
    {
        if (micros / 1000f > Read(now))
        {
            Observe(now, micros, succeeded: true);
        }
    }

    /// <summary>Milliseconds; 0 before the first sample.</summary>
    public float Read(long now)
    {
        var value = _latency.Read(out var stamp);
        return _latency.IsEmpty ? 0 : Math.Max(value * Weight(EndpointLoad.Stamp(now), stamp), 0.001f);
    }

    private static float Weight(uint stamp, uint earlier) => (float)Math.Exp(-EndpointLoad.Elapsed(stamp, earlier) / WindowMs);
}
