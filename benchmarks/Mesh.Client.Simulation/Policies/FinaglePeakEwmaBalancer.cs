using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Primitives;

namespace Mesh.Client.Simulation.Policies;

/// <summary>Peak EWMA as Finagle has it: a failure counts with the time it took, however short, so that an
/// endpoint that fails fast draws requests.</summary>
internal sealed class FinaglePeakEwmaBalancer(IRandomSource random) : ILoadBalancer
{
    private const double Penalty = 1e9;

    private static readonly TimeSpan Decay = TimeSpan.FromSeconds(10);

    public int Pick(in EndpointCandidates candidates)
    {
        if (candidates.Count == 1)
        {
            return 0;
        }

        var (first, second) = TwoChoices.Of(random, candidates.Count);
        return Load(candidates[first], candidates.Now) <= Load(candidates[second], candidates.Now) ? first : second;
    }

    public void OnCompleted(EndpointCandidate endpoint, in CompletedAttempt attempt) =>
        AverageOf(endpoint).Observe(attempt.Now, attempt.Duration.TotalMilliseconds);

    private static double Load(EndpointCandidate endpoint, MeshTime now)
    {
        var average = AverageOf(endpoint);
        average.Observe(now, 0);
        return average.Value == 0 && endpoint.InFlight > 0 ? Penalty + endpoint.InFlight : average.Value * (endpoint.InFlight + 1);
    }

    private static Average AverageOf(EndpointCandidate endpoint)
    {
        if (endpoint.State is not Average average)
        {
            endpoint.State = average = new Average();
        }

        return average;
    }

    private sealed class Average
    {
        private MeshTime _at;

        public double Value { get; private set; }

        public void Observe(MeshTime now, double sample)
        {
            var weight = Math.Exp(-((now - _at) / Decay));
            Value = sample > Value ? sample : (Value * weight) + (sample * (1 - weight));
            _at = now;
        }
    }
}
