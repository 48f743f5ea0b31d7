using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>Data common to all candidates of a pick.</summary>
internal readonly struct CandidateView
{
    /// <summary>Reports count if this share of the candidates sends them. With fewer, known queues would compete with estimated ones, which
    /// is worse than estimating all.</summary>
    private const float MinShare = 0.9f;

    private CandidateView(float meanMs, float leastMs, bool heedsReports, float meanServiceMs, float meanQueue)
    {
        MeanMs = meanMs;
        LeastMs = leastMs;
        HeedsReports = heedsReports;
        MeanServiceMs = meanServiceMs;
        MeanQueue = meanQueue;
    }

    /// <summary>The harmonic mean of the latencies, ms; 0 if all report, because it is not needed then.</summary>
    /// <remarks>Harmonic, because callers experience this mean: an endpoint serves in proportion to its speed. In an arithmetic mean a
    /// single endpoint that takes a second would make ten milliseconds look like nothing, and a queue of one on a fast endpoint costlier
    /// than the slow endpoint.</remarks>
    public float MeanMs { get; }

    /// <summary>The least latency, ms.</summary>
    public float LeastMs { get; }

    /// <summary>Whether the servers' own reports are used.</summary>
    public bool HeedsReports { get; }

    /// <summary>The mean of the reported service times, ms.</summary>
    public float MeanServiceMs { get; }

    /// <summary>The mean of the reported queues; 0 without reports.</summary>
    public float MeanQueue { get; }

    /// <param name="candidates">The endpoints.</param>
    /// <param name="now">When the choice is made.</param>
    /// <param name="seen">Receives the data read of each candidate, in the same order, so that nothing is read or computed twice.</param>
    public static CandidateView Of(ReadOnlySpan<Endpoint> candidates, MeshTime now, Span<SeenEndpoint> seen)
    {
        var stamp = now.Stamp;
        var least = float.MaxValue;
        var answered = 0;
        var reporting = 0;
        var service = 0f;
        var queue = 0f;
        for (var i = 0; i < candidates.Length; i++)
        {
            var one = SeenEndpoint.Of(candidates[i].Load, stamp);
            seen[i] = one;
            if (one.LatencyMs <= 0)
            {
                continue;
            }

            least = Math.Min(least, one.LatencyMs);
            answered++;
            if (one.Queue >= 0)
            {
                reporting++;
                service += one.ServiceMs;
                queue += one.Queue;
            }
        }

        if (answered == 0)
        {
            return new CandidateView(1f, 1f, heedsReports: false, 0f, 0f);
        }

        // A new endpoint has had no chance to report yet.
        var heeds = reporting > 0 && reporting >= answered * MinShare;

        // If all report, the mean is not needed.
        var mean = heeds && reporting == candidates.Length ? 0f : HarmonicMean(seen[..candidates.Length]);
        return new CandidateView(mean, least, heeds, heeds ? service / reporting : 0f, heeds ? queue / reporting : 0f);
    }

    /// <summary>Over the endpoints with a latency; there is at least one.</summary>
    private static float HarmonicMean(ReadOnlySpan<SeenEndpoint> seen)
    {
        var sum = 0f;
        var count = 0;
        foreach (var one in seen)
        {
            if (one.LatencyMs > 0)
            {
                sum += 1f / one.LatencyMs;
                count++;
            }
        }

        return count / sum;
    }
}
