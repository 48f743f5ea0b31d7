using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.OutlierDetection;

/// <summary>Whether an endpoint refuses, or fails, more than the others. A 4xx alone may be the caller's mistake, and what all fail at is
/// no reason to leave one of them out; the answers of the others to the same calls decide.</summary>
/// <remarks>Two shares of the last five seconds, judged by the difference that chance explains: a test for two proportions.</remarks>
internal static class PeerComparison
{
    /// <summary>With fewer refusals of the endpoint there is nothing to judge.</summary>
    private const int MinRefusals = 3;

    /// <summary>With fewer answers of the others there is nothing to compare with.</summary>
    private const int MinPeerAnswers = 5;

    /// <summary>With fewer failures of the others it is not all that fail.</summary>
    private const int MinPeerFailures = 3;

    /// <summary>A smaller difference of shares has no effect.</summary>
    private const double MinDifference = 0.1;

    /// <summary>A difference of more standard deviations is not random.</summary>
    private const double Deviations = 2.5;

    /// <summary>In a larger set so many of the others say enough.</summary>
    private const int MaxPeers = 64;

    /// <summary>Counts a refusal, and compares it.</summary>
    public static PeerVerdict OfRefusal(EndpointSet set, Endpoint endpoint, MeshTime now)
    {
        var health = endpoint.Health;
        health.CountRefusal(now, shed: false);
        var verdict = Of(set, endpoint, now);
        if (verdict == PeerVerdict.Unknown && health.RefusesAlone)
        {
            // A retest now and then is too little to judge anew.
            verdict = PeerVerdict.Far;
        }

        health.RefusesAlone = verdict == PeerVerdict.Far;
        return verdict;
    }

    /// <summary>The same of a request whose body the endpoint took no more of. An endpoint that only got more of the large uploads than the
    /// others is like them where they refuse theirs, too.</summary>
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

    /// <summary>Whether every other endpoint fails, too, and about as often: a limiter that answers 503, a database behind all of them, a
    /// burst. To leave one out would only take its capacity away. Where others could take over that are not in use, they do.</summary>
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

    /// <summary>The answers of the others.</summary>
    /// <param name="Count">How many endpoints they are.</param>
    /// <param name="All">All answers.</param>
    /// <param name="Bad">Those that refuse, or fail.</param>
    /// <param name="EachIsBad">Whether these are a share worth the name for each.</param>
    private readonly record struct PeerShares(int Count, int All, int Bad, bool EachIsBad);
}
