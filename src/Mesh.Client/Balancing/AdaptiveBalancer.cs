using Mesh.Client.Discovery;

namespace Mesh.Client.Balancing;

/// <summary>The endpoint with the lowest expected cost, from what this process has seen itself.</summary>
/// <remarks>
/// The local form of C3 (Suresh et al., NSDI 2015): latency plus the cube of the queue, where the queue is judged by our own requests in flight.
/// Added to it: requests that do not come back count by their age before they finish, and the cost is divided by recent success squared,
/// so that an endpoint that fails fast never looks fast. A new endpoint gets one request until it has answered, then ramps up over five seconds.
/// </remarks>
internal sealed class AdaptiveBalancer(IRandomSource random) : ILoadBalancer
{
    /// <summary>Up to this many endpoints all are compared; above, a few at random, so that the cost of a pick does not grow.</summary>
    private const int FullScanLimit = 64;
    private const int SampleSize = 5;
    private const long SlowStartMicros = 5_000_000;
    private const float MinimumRamp = 0.1f;
    private const float MinimumSuccess = 0.02f;

    /// <summary>Cost of an endpoint that has not answered its first request yet: only chosen when all others are in the same state.</summary>
    private const double Unproven = 1e12;

    /// <summary>After this long without a sample a bad latency starts to fade to the mean, so that a recovered endpoint is found again.</summary>
    private const uint IdleMs = 5_000;
    private const float IdleFadeMs = 15_000;

    public Endpoint Pick(ReadOnlySpan<Endpoint> candidates, long now)
    {
        if (candidates.Length == 1)
        {
            return candidates[0];
        }

        if (candidates.Length <= FullScanLimit)
        {
            return Cheapest(candidates, now);
        }

        var sample = default(Sample);
        Span<Endpoint> chosen = sample;
        for (var i = 0; i < SampleSize; i++)
        {
            // With replacement: at more than 64 endpoints a repeat is rare and costs only a comparison.
            chosen[i] = candidates[random.Next(candidates.Length)];
        }

        return Cheapest(chosen, now);
    }

    private Endpoint Cheapest(ReadOnlySpan<Endpoint> candidates, long now)
    {
        var mean = MeanLatency(candidates);

        // A random start makes equal endpoints share the load.
        var index = random.Next(candidates.Length);
        var best = candidates[index];
        var bestCost = double.MaxValue;
        for (var i = 0; i < candidates.Length; i++)
        {
            var endpoint = candidates[index];
            var cost = Cost(endpoint.Load, mean, now);
            if (cost < bestCost)
            {
                bestCost = cost;
                best = endpoint;
            }

            index = index + 1 == candidates.Length ? 0 : index + 1;
        }

        return best;
    }

    /// <summary>The harmonic mean: what callers experience, since an endpoint serves in proportion to its speed. In an arithmetic one a single endpoint that
    /// takes a second would make ten milliseconds look like nothing, and a queue of one on a fast endpoint dearer than the slow one.</summary>
    private static float MeanLatency(ReadOnlySpan<Endpoint> candidates)
    {
        var sum = 0f;
        var count = 0;
        foreach (var endpoint in candidates)
        {
            var latency = endpoint.Load.Latency;
            if (latency > 0)
            {
                sum += 1f / latency;
                count++;
            }
        }

        return count == 0 ? 1f : count / sum;
    }

    /// <param name="load">What was seen of the endpoint.</param>
    /// <param name="mean">The mean latency of the candidates, ms.</param>
    /// <param name="now">Microseconds.</param>
    internal static double Cost(EndpointLoad load, float mean, long now)
    {
        var inFlight = load.InFlight;
        float latency;
        if (load.HasLatency)
        {
            latency = load.LatencyAt(out var stamp);
            var idle = EndpointLoad.Elapsed(EndpointLoad.Stamp(now), stamp);
            if (inFlight == 0 && latency > mean && idle > IdleMs)
            {
                latency = mean + ((latency - mean) * EndpointLoad.Decay((idle - IdleMs) / IdleFadeMs));
            }
        }
        else if (inFlight > 0)
        {
            return Unproven + inFlight;
        }
        else
        {
            latency = mean;
        }

        var effective = inFlight > 0 ? Math.Max(latency, 3f * load.MeanAge(now, inFlight)) : latency;

        // No report from the server: its service time is taken from the mean, its queue from how much slower than the mean it answers.
        var serviceTime = 0.7 * mean;
        var queue = 1.0 + (4.0 * inFlight) + Math.Max(0.0, (latency / mean) - 1.0);
        var cost = Math.Max(0.01, effective - serviceTime + (queue * queue * queue * serviceTime));

        var success = Math.Max(load.Success(now), MinimumSuccess);
        cost /= success * success;

        var age = now - load.RampFrom;
        if (age < SlowStartMicros)
        {
            var ramp = Math.Max(MinimumRamp, (float)age / SlowStartMicros);
            cost /= ramp * ramp * ramp;
        }

        return cost;
    }

    [System.Runtime.CompilerServices.InlineArray(SampleSize)]
    private struct Sample
    {
        private Endpoint _first;
    }
}
