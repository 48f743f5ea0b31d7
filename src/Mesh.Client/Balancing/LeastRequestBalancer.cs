namespace Mesh.Client.Balancing;

/// <summary>Of two at random the one with fewer requests in flight.</summary>
internal sealed class LeastRequestBalancer(IRandomSource random) : ILoadBalancer
{
    public int Pick(in EndpointCandidates candidates)
    {
        if (candidates.Count == 1)
        {
            return 0;
        }

        var (first, second) = TwoChoices.Of(random, candidates.Count);
        return candidates.Endpoints[second].Load.InFlight < candidates.Endpoints[first].Load.InFlight ? second : first;
    }
}
