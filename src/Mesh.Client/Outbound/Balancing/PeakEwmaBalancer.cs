using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>Of two at random the one with the lower latency times requests in flight. The latency jumps up at once and fades slowly, and a
/// failure counts as a long one.</summary>
/// <remarks>Finagle's policy with the penalty that Linkerd added to it: without one, an endpoint that fails within a millisecond draws all
/// requests. The penalty is less than enough requests in flight elsewhere, so that one that has failed lately also
/// wins at most half of its comparisons.</remarks>
internal sealed class PeakEwmaBalancer(IRandomSource random) : ILoadBalancer
{
    /// <summary>An endpoint without any answer, with a request under way.</summary>
    private const double Unproven = 1e12;

    public int Pick(in EndpointCandidates candidates)
    {
        if (candidates.Count == 1)
        {
            return 0;
        }

        var (first, second) = TwoChoices.Of(random, candidates.Count);
        return Cost(candidates.Endpoints[second], candidates.Now) < Cost(candidates.Endpoints[first], candidates.Now)
            ? TwoChoices.Settle(random, candidates, second, first)
            : TwoChoices.Settle(random, candidates, first, second);
    }

    public void Completed(EndpointCandidate endpoint, in CompletedAttempt attempt)
    {
        var peak = endpoint.State as PeakLatency;
        if (peak is null)
        {
            // Of two first answers at once one is lost.
            endpoint.State = peak = new PeakLatency();
        }

        if (attempt.Succeeded is { } succeeded)
        {
            peak.Observe(attempt.Now, attempt.Duration, succeeded);
        }
        else
        {
            // What the caller ended took at least so long.
            peak.ObserveAtLeast(attempt.Now, attempt.Duration);
        }
    }

    private static double Cost(Endpoint endpoint, MeshTime now)
    {
        var inFlight = endpoint.Load.InFlight;
        var latency = (endpoint.BalancerState as PeakLatency)?.Read(now) ?? 0;
        return latency > 0 || inFlight == 0 ? latency * (inFlight + 1) : Unproven + inFlight;
    }
}
