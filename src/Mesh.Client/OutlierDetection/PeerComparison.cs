using Mesh.Client.Discovery;

namespace Mesh.Client.OutlierDetection;

/// <summary>Whether an endpoint refuses, or fails, more than the others. A 4xx alone may be the caller's mistake, and what all fail at is no
/// reason to leave one of them out; the answers of the others to the same calls decide.</summary>
/// <remarks>Two shares of the last five seconds, judged by the difference that chance explains: a test for two proportions.</remarks>
internal static class PeerComparison
{
    /// <summary>With fewer refusals of the endpoint there is nothing to judge.</summary>
    private const int FewestRefusals = 3;

    /// <summary>With fewer answers of the others there is nothing to compare with.</summary>
    private const int FewestPeerAnswers = 5;

    /// <summary>With fewer failures of the others it is not all that fail.</summary>
    private const int FewestPeerFailures = 3;

    /// <summary>A smaller difference of shares has no effect.</summary>
    private const double LeastDifference = 0.1;

    /// <summary>A difference of more standard deviations is not random.</summary>
    private const double Deviations = 2.5;

    /// <summary>In a larger set so many of the others say enough.</summary>
    private const int MostPeers = 64;

    public static PeerVerdict Of(Service service, Endpoint endpoint, long now)
    {
        var own = endpoint.Health.Answers(now);
        var peers = PeersOf(service, endpoint, now, out var any);
        if (!any)
        {
            return PeerVerdict.Alike;
        }

        if (peers.All < FewestPeerAnswers)
        {
            return own.Refused < FewestRefusals ? PeerVerdict.Unknown : PeerVerdict.Doubtful;
        }

        if (own.Refused < FewestRefusals)
        {
            return peers.Refused > 0.5 * peers.All ? PeerVerdict.Alike : PeerVerdict.Unknown;
        }

        return IsFar(own, peers) ? PeerVerdict.Far : PeerVerdict.Alike;
    }

    /// <summary>Whether the others refuse more than now and then.</summary>
    public static bool OthersRefuse(Service service, Endpoint endpoint, long now)
    {
        var (all, refused) = PeersOf(service, endpoint, now, out _);
        return refused > LeastDifference * all;
    }

    /// <summary>Whether every other endpoint fails, too, and about as often: a limiter that answers 503, a database behind all of them, a
    /// burst. To leave one out would only take its capacity away. Where others could take over that are not in use, they do.</summary>
    public static bool AllFailAlike(Service service, Endpoint endpoint, long now)
    {
        var set = service.Endpoints;
        if (set.StandbyCount > 0 || EjectionRoom.HasReserve(set, endpoint))
        {
            return false;
        }

        var step = 1 + (set.Usable.Length / MostPeers);
        var peers = (All: 0, Failed: 0);
        for (var i = 0; i < set.Usable.Length; i += step)
        {
            if (!ReferenceEquals(set.Usable[i], endpoint))
            {
                var (all, failed) = set.Usable[i].Health.Burden(now);
                if (all == 0 || failed < LeastDifference * all)
                {
                    return false;
                }

                peers.All += all;
                peers.Failed += failed;
            }
        }

        return peers.Failed >= FewestPeerFailures && !IsFar(endpoint.Health.Burden(now), peers);
    }

    /// <summary>Whether the share of the endpoint is above that of the others by more than chance explains.</summary>
    private static bool IsFar((int All, int Bad) own, (int All, int Bad) peers)
    {
        var common = (own.Bad + peers.Bad) / (double)(own.All + peers.All);
        var deviation = Math.Sqrt(common * (1 - common) * ((1.0 / own.All) + (1.0 / peers.All)));
        return (own.Bad / (double)own.All) - (peers.Bad / (double)peers.All) > LeastDifference + (Deviations * deviation);
    }

    private static (int All, int Refused) PeersOf(Service service, Endpoint endpoint, long now, out bool any)
    {
        var peers = service.Endpoints.Usable;
        var step = 1 + (peers.Length / MostPeers);
        var sum = (All: 0, Refused: 0);
        any = false;
        for (var i = 0; i < peers.Length; i += step)
        {
            if (!ReferenceEquals(peers[i], endpoint))
            {
                any = true;
                var (all, refused) = peers[i].Health.Answers(now);
                sum.All += all;
                sum.Refused += refused;
            }
        }

        return sum;
    }
}
