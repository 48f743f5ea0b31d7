using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>Of two random endpoints, the one with fewer requests in flight; one that has failed lately wins at most half of the
/// time.</summary>
internal sealed class LeastRequestBalancer(IRandomSource random) : ILoadBalancer
{
    public int Pick(in EndpointCandidates candidates)
    {
        if (candidates.Count == 1)
        {
            return 0;
        }

        var (first, second) = TwoChoices.Of(random, candidates.Count);
        return candidates.Endpoints[second].Load.InFlight < candidates.Endpoints[first].Load.InFlight
            ? TwoChoices.Settle(random, candidates, second, first)
            : TwoChoices.Settle(random, candidates, first, second);
    }
}
