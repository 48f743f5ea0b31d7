using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>Of two random endpoints, the one with the lower product of latency and requests in flight. The latency rises at once and fades
/// slowly; a failure counts as a long latency.</summary>
/// <remarks>Finagle's policy with the penalty that Linkerd added: without one, an endpoint that fails within a millisecond attracts all
/// requests. Enough requests in flight elsewhere outweigh the penalty, so in addition an endpoint that has failed lately wins at most half
/// of its comparisons.</remarks>
internal sealed class PeakEwmaBalancer(IRandomSource random) : ILoadBalancer
{
    /// <summary>Cost of an endpoint that has not answered yet and has a request in flight.</summary>
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

    public void OnCompleted(EndpointCandidate endpoint, in CompletedAttempt attempt)
    {
        var peak = endpoint.State as PeakLatency;
        if (peak is null)
        {
            // If two first answers race, one is lost.
            endpoint.State = peak = new PeakLatency();
        }

        if (attempt.Succeeded is { } succeeded)
        {
            peak.Observe(attempt.Now, attempt.Duration, succeeded);
        }
        else
        {
            // An attempt that the caller ended took at least this long.
            peak.ObserveAtLeast(attempt.Now, attempt.Duration);
        }
    }

    private double Cost(Endpoint endpoint, MeshTime now)
    {
        var inFlight = endpoint.Load.InFlight;
        var latency = (endpoint.StateOf(this) as PeakLatency)?.Read(now) ?? 0;
        return latency > 0 || inFlight == 0 ? latency * (inFlight + 1) : Unproven + inFlight;
    }
}
