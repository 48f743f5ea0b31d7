using Mesh.Client.Discovery;

namespace Mesh.Client.OutlierDetection;

/// <summary>Whether an endpoint refuses more than the others. A 4xx alone may be the caller's mistake; the answers of the others to the
/// same calls decide.</summary>
/// <remarks>Two shares of the last five seconds, judged by the difference that chance explains: a test for two proportions.</remarks>
internal static class PeerComparison
{
    /// <summary>With fewer refusals of the endpoint there is nothing to judge.</summary>
    private const int FewestRefusals = 3;

    /// <summary>With fewer answers of the others there is nothing to compare with.</summary>
    private const int FewestPeerAnswers = 5;

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

        var peerShare = peers.Refused / (double)peers.All;
        if (own.Refused < FewestRefusals)
        {
            return peerShare > 0.5 ? PeerVerdict.Alike : PeerVerdict.Unknown;
        }

        var share = own.Refused / (double)own.All;
        var common = (own.Refused + peers.Refused) / (double)(own.All + peers.All);
        var deviation = Math.Sqrt(common * (1 - common) * ((1.0 / own.All) + (1.0 / peers.All)));
        return share - peerShare > LeastDifference + (Deviations * deviation) ? PeerVerdict.Far : PeerVerdict.Alike;
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
