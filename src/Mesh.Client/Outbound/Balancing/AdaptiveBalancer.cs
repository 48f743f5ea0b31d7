using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>Picks the endpoint with the lowest expected cost, from this process's own measurements and the load that the endpoints
/// report.</summary>
/// <remarks>
/// A form of C3 (Suresh et al., NSDI 2015): latency plus the cube of the queue. The queue is this process's requests in flight plus those
/// that the endpoint reports; without reports it is estimated from the latency. In addition, requests without an answer count by their age
/// before they finish, and the cost is divided by the square of recent success. That alone does not outweigh the cube of a queue: an
/// endpoint that has failed lately takes part in one of n choices, and one that mostly fails only in retests (<see cref="Handicap"/>). A
/// new endpoint gets one request until it has answered, then ramps up over five seconds.
/// </remarks>
/// <param name="random">Decides between equal costs.</param>
/// <param name="fullScanLimit">Up to this number of endpoints all are compared; above it a few at random, so that the cost of a pick does
/// not grow.</param>
internal sealed class AdaptiveBalancer(
    IRandomSource random, int fullScanLimit = AdaptiveBalancer.FullScanLimit) : ILoadBalancer, IEstimatesTime
{
    public const int FullScanLimit = 64;

    private const int RandomSize = 5;
    private const int FavouriteSize = 16;
    private const int NoFavourite = int.MaxValue;
    private const float MinimumRamp = 0.1f;
    private const float MinimumSuccess = 0.02f;

    /// <summary>Cost of an endpoint that has not answered its first request yet: picked only if all others are in the same state.</summary>
    private const double Unproven = 1e12;

    /// <summary>
    /// An endpoint that is slow, or has failed, gets another request after this long without one, then after twice as long, and so on: it
    /// may have recovered, or its only sample was taken during a cold start.
    /// </summary>
    private const uint RetestMs = 1_000;
    private const int MaxDoublings = 6;

    /// <summary>At most one of this many requests per candidate is a retest. Among many endpoints some always look slow: without a bound,
    /// retesting them all would take enough requests for callers to notice.</summary>
    private const int RequestsPerRetest = 10;

    /// <summary>
    /// Up to this multiple of the best latency, a higher one is more likely noise than a verdict, and fades without new samples. Otherwise,
    /// with nothing in flight, the endpoint that was luckiest once would get all requests until its luck turns. It fades slowly: an answer
    /// from a second ago still says more than nothing.
    /// </summary>
    private const float NoiseFactor = 2f;
    private const float NoiseFadeMs = 10_000;

    /// <summary>
    /// Idle endpoints with costs within this factor of each other (1 plus this) share the requests; the cheaper one gets more. A request in
    /// flight costs over a hundred times as much, so this never sends anything to a busy endpoint. Not more: it would drown the differences
    /// that the answers show about other clients' queues.
    /// </summary>
    private const double Jitter = 0.1;

    /// <summary>Between busy endpoints only equal costs are decided at random.</summary>
    private const double TieBreak = 0.001;

    /// <summary>Scales a number of 24 bits to 0 to 1.</summary>
    private const double NoiseUnit = 1.0 / (1 << 24);

    /// <summary>Shorter latencies count as this one, ms: an idle process answers a few milliseconds later than a busy one.</summary>
    private const float Resolution = 5f;

    /// <summary>Data about an endpoint in another zone that is older than this does not count: one request may go there for new
    /// data.</summary>
    private const uint OldMs = 30_000;

    /// <summary>An endpoint that is slower than the mean by less than this share is not assumed to have a queue: averages differ by as
    /// much, and the cube of the estimate would leave the unluckiest endpoint idle.</summary>
    private const double GuessNoise = 0.1;

    /// <summary>What each open-ended stream adds to the cost, as a share: enough to send new streams to the endpoint with the fewest, too
    /// little to turn short calls away from it.</summary>
    private const double StreamWeight = 0.02;

    /// <summary>The share of a latency that counts as service time if the endpoint reports none.</summary>
    private const double ServiceShare = 0.7;

    /// <summary>The places of endpoints that were the best of a recent sample. Racing writers lose one at worst. In a new snapshot, or for
    /// a retry, another endpoint may have the place: that only adds a random candidate.</summary>
    private readonly int[] _favourites = NoFavourites();
    private int _nextFavourite;

    public int Pick(in EndpointCandidates candidates)
    {
        var endpoints = candidates.Endpoints;
        if (endpoints.Length == 1)
        {
            return 0;
        }

        return endpoints.Length <= fullScanLimit ? Cheapest(endpoints, candidates.Now) : PickFromSample(endpoints, candidates.Now);
    }

    /// <inheritdoc/>
    public float Estimate(Endpoint endpoint, MeshTime now)
    {
        var load = endpoint.Load;
        var inFlight = load.Busy(now);
        var latency = load.LatencyAt(out var stamp);
        if (!load.HasLatency)
        {
            return inFlight == 0 ? 0 : float.PositiveInfinity;
        }

        if (inFlight == 0 && MeshTime.ElapsedMs(now.Stamp, stamp) > OldMs)
        {
            return 0;
        }

        var success = Math.Max(load.Success(now), MinimumSuccess);
        return (inFlight == 0 ? latency : Math.Max(latency, load.MeanAge(now))) / (success * success);
    }

    /// <summary>Picks from a few random endpoints, to find better ones, and the best found before: these have fresh data, since they get
    /// the requests.</summary>
    private int PickFromSample(ReadOnlySpan<Endpoint> candidates, MeshTime now)
    {
        var sample = default(Sample);
        var places = default(Places);
        var count = 0;
        while (count < RandomSize)
        {
            // With replacement: a repeat is rare and costs only a comparison.
            Add(random.Next(candidates.Length), candidates, ref sample, ref places, ref count);
        }

        foreach (var place in _favourites)
        {
            if (place < candidates.Length)
            {
                Add(place, candidates, ref sample, ref places, ref count);
            }
        }

        var best = Cheapest(((Span<Endpoint>)sample)[..count], now);
        if (best < RandomSize)
        {
            Favour(places[best]);
        }

        return places[best];
    }

    private static void Add(int place, ReadOnlySpan<Endpoint> candidates, ref Sample sample, ref Places places, ref int count)
    {
        places[count] = place;
        sample[count++] = candidates[place];
    }

    private void Favour(int place)
    {
        if (Array.IndexOf(_favourites, place) < 0)
        {
            _favourites[(int)((uint)_nextFavourite++ % FavouriteSize)] = place;
        }
    }

    /// <returns>Its place among the candidates.</returns>
    private int Cheapest(ReadOnlySpan<Endpoint> candidates, MeshTime now)
    {
        var everything = default(Everything);
        var seen = ((Span<SeenEndpoint>)everything)[..candidates.Length];
        var view = CandidateView.Of(candidates, now, seen);

        // One random number is enough: multiplied repeatedly by an odd constant, it gives each candidate its own jitter.
        var noise = (uint)random.Next(int.MaxValue);
        var mayRetest = noise % (uint)(candidates.Length * RequestsPerRetest) == 0;
        var best = 0;
        var bestCost = double.MaxValue;
        for (var i = 0; i < candidates.Length; i++)
        {
            var load = candidates[i].Load;
            noise = unchecked((noise * 2_654_435_761u) + 1);
            var inFlight = load.Busy(now);
            var hasTurn = (noise >> 8) * (ulong)candidates.Length < 1 << 24;
            var cost = Cost(load, inFlight, seen[i], view, now, mayRetest, hasTurn, bestCost)
                * (1.0 + ((inFlight == 0 ? Jitter : TieBreak) * NoiseUnit * (noise >> 8)));
            if (cost < bestCost)
            {
                bestCost = cost;
                best = i;
            }
        }

        var chosen = candidates[best].Load;
        chosen.Chosen(IsSlow(seen[best].LatencyMs, view.LeastMs) || EndpointLoad.HasFailed(chosen.Success(now)));
        return best;
    }

    private static bool IsSlow(float latency, float least) => latency > NoiseFactor * Math.Max(least, Resolution);

    /// <param name="load">The endpoint's load.</param>
    /// <param name="inFlight">This process's requests that keep it busy.</param>
    /// <param name="seen">The data read of it.</param>
    /// <param name="view">Data common to all candidates.</param>
    /// <param name="now">When the choice is made.</param>
    /// <param name="mayRetest">Whether this request may test if a slow endpoint still is slow.</param>
    /// <param name="hasTurn">Whether it is the endpoint's turn: a recently failed one is picked only then, and only if it is the
    /// cheapest.</param>
    /// <param name="bound">The least cost so far. A cost that is certain to be higher is not computed in full.</param>
    internal static double Cost(
        EndpointLoad load,
        int inFlight,
        in SeenEndpoint seen,
        in CandidateView view,
        MeshTime now,
        bool mayRetest,
        bool hasTurn = true,
        double bound = double.MaxValue)
    {
        float latency;
        var retest = mayRetest && inFlight == 0 && IsRetestDue(load, seen, now.Stamp);
        if (seen.LatencyMs > 0)
        {
            latency = inFlight == 0
                ? Idle(seen.LatencyMs, view.LeastMs, MeshTime.ElapsedMs(now.Stamp, seen.LatencyStamp), retest)
                : seen.LatencyMs;
        }
        else if (inFlight > 0)
        {
            return Unproven * inFlight * Handicap.Of(load.Success(now, out var mostlyFails), mostlyFails, hasTurn);
        }
        else
        {
            latency = view.MeanMs;
        }

        latency = Math.Max(latency, Resolution);
        double serviceTime;
        double waiting;
        if (view.HeedsReports && seen.Queue >= 0)
        {
            serviceTime = Math.Max(seen.ServiceMs, ServiceShare * Resolution);
            waiting = seen.Queue;
        }
        else
        {
            // Without a report, its service time is taken from the mean, and its queue from how much slower than the mean it answers.
            var mean = Math.Max(view.MeanMs, Resolution);
            serviceTime = view.HeedsReports ? Math.Max(view.MeanServiceMs, ServiceShare * Resolution) : ServiceShare * mean;
            waiting = Math.Max(0.0, ((view.MeanQueue + 1) * latency / mean) - 1.0 - (view.HeedsReports ? 0 : GuessNoise));
        }

        var queue = 1.0 + (4.0 * inFlight) + waiting;
        var inQueue = ((queue * queue * queue) - 1.0) * serviceTime;
        if (inQueue > bound)
        {
            // The rest only adds to it.
            return inQueue;
        }

        var effective = inFlight > 0 ? Math.Max(latency, 3f * load.MeanAge(now)) : latency;
        var cost = Math.Max(0.01, effective + inQueue);

        var success = load.Success(now, out var hopeless);
        if (success < 1f && !retest)
        {
            cost *= Handicap.Of(success, hopeless, hasTurn);
            success = Math.Max(success, MinimumSuccess);
            cost /= success * success;
        }

        if (load.OpenEnded is > 0 and var streams)
        {
            cost *= 1 + (StreamWeight * streams);
        }

        if (load.IsRamping(now, out var done))
        {
            var ramp = Math.Max(MinimumRamp, done);
            cost /= ramp * ramp * ramp;
        }

        return cost;
    }

    /// <summary>Whether it has had no request for long enough. An endpoint that has failed from its first request on has no latency, only
    /// failures.</summary>
    private static bool IsRetestDue(EndpointLoad load, in SeenEndpoint seen, uint stamp)
    {
        var idle = load.SinceJudged(stamp);
        return (seen.LatencyMs > 0 ? Math.Min(idle, MeshTime.ElapsedMs(stamp, seen.LatencyStamp))
            : idle) >= RetestMs << Math.Min(load.Retests, MaxDoublings);
    }

    /// <summary>How the latency of an endpoint without requests in flight counts after some time.</summary>
    /// <param name="latency">The last known latency, ms.</param>
    /// <param name="least">The least latency among the candidates, ms.</param>
    /// <param name="idle">Milliseconds since the last sample.</param>
    /// <param name="retest">Whether it may count as recovered.</param>
    private static float Idle(float latency, float least, uint idle, bool retest) =>
        !IsSlow(latency, least) ? least + ((latency - least) * EndpointLoad.Decay(idle * (1 / NoiseFadeMs)))
        : retest ? Math.Min(latency, least)
        : latency;

    private static int[] NoFavourites()
    {
        var favourites = new int[FavouriteSize];
        Array.Fill(favourites, NoFavourite);
        return favourites;
    }

    [System.Runtime.CompilerServices.InlineArray(FullScanLimit)]
    private struct Everything
    {
        private SeenEndpoint _first;
    }

    [System.Runtime.CompilerServices.InlineArray(RandomSize + FavouriteSize)]
    private struct Sample
    {
        private Endpoint _first;
    }

    [System.Runtime.CompilerServices.InlineArray(RandomSize + FavouriteSize)]
    private struct Places
    {
        private int _first;
    }
}
