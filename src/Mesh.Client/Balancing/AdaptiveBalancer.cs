using Mesh.Client.Discovery;

namespace Mesh.Client.Balancing;

/// <summary>The endpoint with the lowest expected cost, from what this process has seen itself.</summary>
/// <remarks>
/// The local form of C3 (Suresh et al., NSDI 2015): latency plus the cube of the queue, where the queue is judged by our own requests in flight.
/// Added to it: requests that do not come back count by their age before they finish, and the cost is divided by recent success squared,
/// so that an endpoint that fails fast never looks fast. A new endpoint gets one request until it has answered, then ramps up over five seconds.
/// </remarks>
/// <param name="random">Decides between equals.</param>
/// <param name="fullScanLimit">Up to this many endpoints all are compared; above, a few at random, so that the cost of a pick does not grow.</param>
internal sealed class AdaptiveBalancer(IRandomSource random, int fullScanLimit = AdaptiveBalancer.FullScanLimit) : ILoadBalancer
{
    public const int FullScanLimit = 64;

    private const int SampleSize = 5;
    private const long SlowStartMicros = 5_000_000;
    private const float MinimumRamp = 0.1f;
    private const float MinimumSuccess = 0.02f;

    /// <summary>Cost of an endpoint that has not answered its first request yet: only chosen when all others are in the same state.</summary>
    private const double Unproven = 1e12;

    /// <summary>
    /// A slow endpoint gets one request again after this long without one, then after twice as long, and so on: it may have recovered, or its only sample
    /// was that of a cold start.
    /// </summary>
    private const uint RetestMs = 1_000;
    private const int MostDoublings = 6;

    /// <summary>
    /// Up to this multiple of the best one's a latency is more likely noise than a verdict: without new samples it fades soon. Otherwise,
    /// with nothing in flight, the endpoint that was luckiest once would get all requests until its luck turns.
    /// </summary>
    private const float NoiseFactor = 2f;
    private const float NoiseFadeMs = 500;

    /// <summary>
    /// Idle endpoints whose costs are within this factor of each other (1 plus this) share the requests, the cheaper one more. A request in flight costs over
    /// a hundred times as much, so this never sends anything to a busy one.
    /// </summary>
    private const double Jitter = 1.0;

    /// <summary>Between busy endpoints only equal ones are chosen at random.</summary>
    private const double TieBreak = 0.001;

    /// <summary>Latencies closer than this are as good as the same, ms: an idle process answers a few milliseconds later than a busy one.</summary>
    private const float Resolution = 5f;

    public Endpoint Pick(ReadOnlySpan<Endpoint> candidates, long now)
    {
        if (candidates.Length == 1)
        {
            return candidates[0];
        }

        if (candidates.Length <= fullScanLimit)
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
        var (mean, least) = Latencies(candidates);

        // One random number is enough: multiplied by an odd constant again and again it gives each candidate its own share of jitter.
        var noise = (uint)random.Next(int.MaxValue);
        var best = candidates[0];
        var bestCost = double.MaxValue;
        foreach (var endpoint in candidates)
        {
            noise = unchecked((noise * 2_654_435_761u) + 1);
            var cost = Cost(endpoint.Load, mean, least, now) * (1.0 + ((endpoint.Load.InFlight == 0 ? Jitter : TieBreak) * (noise >> 8) / (1 << 24)));
            if (cost < bestCost)
            {
                bestCost = cost;
                best = endpoint;
            }
        }

        best.Load.Chosen(IsSlow(best.Load.Latency, least));
        return best;
    }

    private static bool IsSlow(float latency, float least) => latency > (NoiseFactor * least) + Resolution;

    /// <summary>The harmonic mean and the least of the latencies of those that have answered, in milliseconds.</summary>
    /// <remarks>Harmonic: what callers experience, since an endpoint serves in proportion to its speed. In an arithmetic mean a single endpoint that takes a
    /// second would make ten milliseconds look like nothing, and a queue of one on a fast endpoint dearer than the slow one.</remarks>
    private static (float Mean, float Least) Latencies(ReadOnlySpan<Endpoint> candidates)
    {
        var sum = 0f;
        var least = float.MaxValue;
        var count = 0;
        foreach (var endpoint in candidates)
        {
            var latency = endpoint.Load.Latency;
            if (latency > 0)
            {
                sum += 1f / latency;
                least = Math.Min(least, latency);
                count++;
            }
        }

        return count == 0 ? (1f, 1f) : (count / sum, least);
    }

    /// <param name="load">What was seen of the endpoint.</param>
    /// <param name="mean">The mean latency of the candidates, ms.</param>
    /// <param name="least">The least latency of the candidates, ms.</param>
    /// <param name="now">Microseconds.</param>
    internal static double Cost(EndpointLoad load, float mean, float least, long now)
    {
        var inFlight = load.InFlight;
        float latency;
        if (load.HasLatency)
        {
            latency = load.LatencyAt(out var stamp);
            if (inFlight == 0)
            {
                latency = Idle(latency, least, load.Retests, EndpointLoad.Elapsed(EndpointLoad.Stamp(now), stamp));
            }
        }
        else if (inFlight > 0)
        {
            return Unproven * inFlight;
        }
        else
        {
            latency = mean;
        }

        latency += Resolution;
        mean += Resolution;
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

    /// <summary>What the latency of an endpoint without requests in flight is worth after some time.</summary>
    /// <param name="latency">As last seen, ms.</param>
    /// <param name="least">The least latency of the candidates, ms.</param>
    /// <param name="retests">Retests in a row that found it slow.</param>
    /// <param name="idle">Milliseconds since the last sample.</param>
    private static float Idle(float latency, float least, int retests, uint idle)
    {
        if (!IsSlow(latency, least))
        {
            return least + ((latency - least) * EndpointLoad.Decay(idle / NoiseFadeMs));
        }

        return idle >= RetestMs << Math.Min(retests, MostDoublings) ? Math.Min(latency, least) : latency;
    }

    [System.Runtime.CompilerServices.InlineArray(SampleSize)]
    private struct Sample
    {
        private Endpoint _first;
    }
}
