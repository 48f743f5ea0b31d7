using System.Numerics;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Resilience;

/// <summary>Learns from a service's latencies how long an attempt may take before another endpoint is worth trying: max(250 ms, 4 x p99)
/// after 100 answers.</summary>
/// <remarks>A histogram with eight buckets per doubling (9 % wide), halved as it fills, so that old latencies fade. Lock-free.</remarks>
internal sealed class LearnedTimeout
{
    private const int SubBuckets = 8;
    private const int SubBits = 3;
    private const int Buckets = 40 * SubBuckets;
    private const int MinimumSamples = 100;
    private const int RecomputeEvery = 64;
    private const int HalveAbove = 8_192;

    /// <summary>An attempt may take this multiple of the slowest answers' latency.</summary>
    private const int Allowance = 4;

    /// <summary>So many answers must have been as slow as the slowest: one alone may have been a pause.</summary>
    private const int MinSlow = 3;

    private static readonly TimeSpan Floor = TimeSpan.FromMilliseconds(250);

    // Made with the first answer: a registry may name thousands of services, and most of them are never called.
    private int[]? _counts;
    private long _samples;
    private long _ticks = Duration.NoLimit.Ticks;

    // Ticks: a little more than the slowest answers took.
    private long _enough;

    private int[] Counts => Volatile.Read(ref _counts) ?? Interlocked.CompareExchange(ref _counts, new int[Buckets], null) ?? _counts;

    /// <summary><see cref="Duration.NoLimit"/> without enough data.</summary>
    public TimeSpan Value => new(Volatile.Read(ref _ticks));

    /// <summary>The time of an attempt after which another one may follow. What is left then is enough for the slowest answers of late: the
    /// call may be one of these, and be slow everywhere.</summary>
    /// <param name="remaining">The time left of the call.</param>
    /// <returns><see cref="Duration.NoLimit"/> without enough data, and if there is no time for both.</returns>
    public TimeSpan Of(TimeSpan remaining)
    {
        var learned = Value;
        var spare = remaining - new TimeSpan(Volatile.Read(ref _enough));
        return learned <= spare || learned == Duration.NoLimit ? learned
            : spare >= Floor ? spare
            : Duration.NoLimit;
    }

    public void Observe(TimeSpan elapsed)
    {
        Interlocked.Increment(ref Counts[Bucket(elapsed.WholeMicroseconds())]);
        var samples = Interlocked.Increment(ref _samples);
        if (samples == MinimumSamples || (samples > MinimumSamples && samples % RecomputeEvery == 0))
        {
            Recompute();
        }
    }

    /// <summary>An attempt had no answer in time. It might have had one later: the timeout grows, so that it adapts to a service that has
    /// become slow. It grows to a quarter of the call's time, and leaves the rest for another attempt: without this limit, endpoints that
    /// hang would raise it to the whole time of the call. Latencies of answers count without a limit.</summary>
    /// <param name="elapsed">The duration of the attempt.</param>
    /// <param name="call">The time of a call.</param>
    public void ObserveTimeout(TimeSpan elapsed, TimeSpan call) =>
        Observe(Duration.Min(elapsed, new TimeSpan(call.Ticks / (4 * Allowance))));

    // Racing threads compute nearly the same; the last one wins.
    private void Recompute()
    {
        var total = 0L;
        var counts = Counts;
        foreach (var count in counts)
        {
            total += count;
        }

        Volatile.Write(ref _enough, UpperBound(BucketAbove(MinSlow - 1)) * 9 / 8 * TimeSpan.TicksPerMicrosecond);
        Volatile.Write(
            ref _ticks, Math.Max(Floor.Ticks, Allowance * UpperBound(BucketAbove(total / 100)) * TimeSpan.TicksPerMicrosecond));
        if (total > HalveAbove)
        {
            for (var i = 0; i < Buckets; i++)
            {
                // Rounded up, so that what was seen once is forgotten.
                Interlocked.Add(ref counts[i], -((counts[i] + 1) / 2));
            }
        }
    }

    /// <summary>The lowest of the buckets that are passed, from the slowest down, until more than so many answers were in them.</summary>
    private int BucketAbove(long count)
    {
        var bucket = Buckets - 1;
        var counts = Counts;
        for (var seen = 0L; bucket > 0; bucket--)
        {
            seen += counts[bucket];
            if (seen > count)
            {
                break;
            }
        }

        return bucket;
    }

    private static int Bucket(long micros)
    {
        var value = (ulong)Math.Clamp(micros, SubBuckets, 1L << 38);
        var exponent = BitOperations.Log2(value);
        return (int)(((ulong)(exponent - SubBits) << SubBits) + ((value >> (exponent - SubBits)) & (SubBuckets - 1)));
    }

    /// <returns>Microseconds.</returns>
    private static long UpperBound(int bucket)
    {
        var exponent = bucket >> SubBits;
        return ((long)(SubBuckets + (bucket & (SubBuckets - 1))) + 1) << exponent;
    }
}
