using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.OutlierDetection;

/// <summary>Whether an endpoint refuses, or fails, more than the others. A 4xx alone may be the caller's mistake, and a failure that all
/// endpoints share is no reason to eject one; the other endpoints' answers to the same calls decide.</summary>
/// <remarks>Compares two shares of the last five seconds by the difference that chance explains: a test for two proportions.</remarks>
internal static class PeerComparison
{
    /// <summary>With fewer refusals of the endpoint there is no verdict.</summary>
    private const int MinRefusals = 3;

    /// <summary>With fewer answers of the others there is no comparison.</summary>
    private const int MinPeerAnswers = 5;

    /// <summary>With fewer failures of the others they do not all fail.</summary>
    private const int MinPeerFailures = 3;

    /// <summary>A smaller difference of shares has no effect.</summary>
    private const double MinDifference = 0.1;

    /// <summary>A difference of more standard deviations is not random.</summary>
    private const double Deviations = 2.5;

    /// <summary>In a larger set this many of the others suffice.</summary>
    private const int MaxPeers = 64;

    /// <summary>Counts a refusal, and compares it.</summary>
    public static PeerVerdict OfRefusal(EndpointSet set, Endpoint endpoint, MeshTime now)
    {
        var health = endpoint.Health;
        health.CountRefusal(now, shed: false);
        var verdict = Of(set, endpoint, now);
        if (verdict == PeerVerdict.Unknown && health.RefusesAlone)
        {
            // An occasional retest is too little for a new verdict.
            verdict = PeerVerdict.Far;
        }

        health.RefusesAlone = verdict == PeerVerdict.Far;
        return verdict;
    }

    /// <summary>The same for a request whose body the endpoint stopped accepting. If the others refuse theirs, too, an endpoint that only
    /// got more of the large uploads is like them.</summary>
    public static PeerVerdict OfCutOff(EndpointSet set, Endpoint endpoint, MeshTime now)
    {
        var verdict = OfRefusal(set, endpoint, now);
        if (verdict != PeerVerdict.Far)
        {
            return verdict;
        }

        var peers = Peers(set, endpoint, now, Answers);
        return peers.Bad > MinDifference * peers.All ? PeerVerdict.Alike : verdict;
    }

    public static PeerVerdict Of(EndpointSet set, Endpoint endpoint, MeshTime now)
    {
        var own = Answers(endpoint.Health, now);
        var peers = Peers(set, endpoint, now, Answers);
        if (peers.Count == 0)
        {
            return PeerVerdict.Alike;
        }

        if (peers.All < MinPeerAnswers)
        {
            return own.Bad < MinRefusals ? PeerVerdict.Unknown : PeerVerdict.Doubtful;
        }

        if (own.Bad < MinRefusals)
        {
            return peers.Bad > 0.5 * peers.All ? PeerVerdict.Alike : PeerVerdict.Unknown;
        }

        return IsFar(own, peers) ? PeerVerdict.Far : PeerVerdict.Alike;
    }

    /// <summary>Whether every other endpoint fails about as often: a limiter that answers 503, a shared database, a burst. Ejecting one
    /// would only remove its capacity. If unused endpoints could take over, it is ejected.</summary>
    public static bool AllFailAlike(EndpointSet set, Endpoint endpoint, MeshTime now) =>
        set.StandbyCount == 0
        && !EjectionRoom.HasReserve(set, endpoint)
        && Peers(set, endpoint, now, Burden) is { EachIsBad: true, Bad: >= MinPeerFailures } peers
        && !IsFar(Burden(endpoint.Health, now), peers);

    /// <summary>Whether the share of the endpoint is above that of the others by more than chance explains.</summary>
    private static bool IsFar((int All, int Bad) own, in PeerShares peers)
    {
        var common = (own.Bad + peers.Bad) / (double)(own.All + peers.All);
        var deviation = Math.Sqrt(common * (1 - common) * ((1.0 / own.All) + (1.0 / peers.All)));
        return (own.Bad / (double)own.All) - (peers.Bad / (double)peers.All) > MinDifference + (Deviations * deviation);
    }

    private static (int All, int Bad) Answers(EndpointHealth health, MeshTime now) => health.Answers(now);

    private static (int All, int Bad) Burden(EndpointHealth health, MeshTime now) => health.Burden(now);

    private static PeerShares Peers(
        EndpointSet set, Endpoint endpoint, MeshTime now, Func<EndpointHealth, MeshTime, (int All, int Bad)> read)
    {
        var peers = set.Usable;
        var step = 1 + (peers.Length / MaxPeers);
        var sum = new PeerShares(0, 0, 0, EachIsBad: true);
        for (var i = 0; i < peers.Length; i += step)
        {
            if (!ReferenceEquals(peers[i], endpoint))
            {
                var (all, bad) = read(peers[i].Health, now);
                sum = new PeerShares(
                    sum.Count + 1, sum.All + all, sum.Bad + bad, sum.EachIsBad && all > 0 && bad >= MinDifference * all);
            }
        }

        return sum;
    }

    /// <summary>The answers of the other endpoints.</summary>
    /// <param name="Count">The number of endpoints.</param>
    /// <param name="All">All answers.</param>
    /// <param name="Bad">The refusals, or failures.</param>
    /// <param name="EachIsBad">Whether each endpoint has a significant share of these.</param>
    private readonly record struct PeerShares(int Count, int All, int Bad, bool EachIsBad);
}
