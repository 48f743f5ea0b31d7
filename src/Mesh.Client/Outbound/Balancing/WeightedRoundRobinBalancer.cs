using System.Runtime.CompilerServices;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>In turn, each endpoint as often as its weight says: earliest deadline first, where each turn delays the endpoint's next one by
/// 1/weight.</summary>
/// <remarks>
/// The weights are the labels <c>weight</c> of the endpoints. Without any, the weight of an endpoint is its reported speed, as in gRPC's
/// A58: a server that takes twice as long for a request gets half as many. Above <see cref="FullScanLimit"/> endpoints the earliest of some
/// random ones is taken.
/// </remarks>
internal sealed class WeightedRoundRobinBalancer(IRandomSource random) : ILoadBalancer
{
    public const int FullScanLimit = 64;

    private const int SampleSize = 16;

    public int Pick(in EndpointCandidates candidates)
    {
        var endpoints = candidates.Endpoints;
        if (endpoints.Length == 1)
        {
            return 0;
        }

        if (endpoints.Length <= FullScanLimit)
        {
            return Earliest(endpoints, candidates.Now);
        }

        var sample = default(Sample);
        var places = default(Places);
        for (var i = 0; i < SampleSize; i++)
        {
            places[i] = random.Next(endpoints.Length);
            sample[i] = endpoints[places[i]];
        }

        return places[Earliest(sample, candidates.Now)];
    }

    private int Earliest(ReadOnlySpan<Endpoint> endpoints, MeshTime now)
    {
        var weights = Weights(endpoints, now);
        while (true)
        {
            var time = LastTurn(endpoints, weights);
            var best = -1;
            var bestAt = double.MaxValue;
            for (var i = 0; i < endpoints.Length; i++)
            {
                var turn = TurnOf(endpoints[i]);
                if (weights.Of(turn) is > 0 and var weight && turn.Next(time, weight, random) is var at && at < bestAt)
                {
                    best = i;
                    bestAt = at;
                }
            }

            if (best < 0)
            {
                // All have weight 0: any endpoint is better than none.
                return random.Next(endpoints.Length);
            }

            var chosen = TurnOf(endpoints[best]);
            if (chosen.TryTake(bestAt, weights.Of(chosen)))
            {
                return best;
            }
        }
    }

    /// <summary>The time of the last turn among these. Not among all endpoints of the service: calls for one zone, or one priority level,
    /// must not make those of another late.</summary>
    private double LastTurn(ReadOnlySpan<Endpoint> endpoints, in CommonWeights weights)
    {
        var last = 0.0;
        foreach (var endpoint in endpoints)
        {
            var turn = TurnOf(endpoint);
            if (weights.Of(turn) is > 0 and var weight)
            {
                last = Math.Max(last, turn.Last(weight));
            }
        }

        return last;
    }

    /// <summary>The weights common to all.</summary>
    private CommonWeights Weights(ReadOnlySpan<Endpoint> endpoints, MeshTime now)
    {
        var labelled = false;
        var reporting = 0;
        var sum = 0.0;
        foreach (var endpoint in endpoints)
        {
            var turn = TurnOf(endpoint);
            turn.Weigh(endpoint, now);
            labelled |= turn.Label is not null;
            if (turn.Reported > 0)
            {
                reporting++;
                sum += turn.Reported;
            }
        }

        // With a single report there is nothing to compare.
        return new CommonWeights(labelled, reporting < 2 ? 0 : sum / reporting);
    }

    private WeightedTurn TurnOf(Endpoint endpoint)
    {
        if (endpoint.StateOf(this) is not WeightedTurn turn)
        {
            // If two threads create one, one of them is lost, with one turn.
            endpoint.SetState(this, turn = new WeightedTurn());
        }

        return turn;
    }

    /// <param name="Labelled">Whether labels decide.</param>
    /// <param name="MeanReported">The mean of the reported speeds; 0 when they do not count.</param>
    private readonly record struct CommonWeights(bool Labelled, double MeanReported)
    {
        public double Of(WeightedTurn turn) =>
            Labelled ? turn.Label ?? 1
            : MeanReported == 0 ? 1
            : turn.Reported > 0 ? turn.Reported / MeanReported
            : 1;
    }

    [InlineArray(SampleSize)]
    private struct Sample
    {
        private Endpoint _first;
    }

    [InlineArray(SampleSize)]
    private struct Places
    {
        private int _first;
    }
}
