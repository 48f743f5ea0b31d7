using System.Runtime.CompilerServices;
using Mesh.Client.Balancing;
using Mesh.Client.Discovery;

namespace Mesh.Client.Simulation.Policies;

/// <summary>Of two at random the one with the lower latency times requests in flight, where the latency jumps up at once and fades slowly (Finagle).</summary>
/// <remarks>Failures count with the time they took, as there.</remarks>
internal sealed class PeakEwmaBalancer(IRandomSource random) : IObservingBalancer
{
    private const double DecayMicros = 10_000_000;
    private const double Penalty = 1e9;

    private readonly ConditionalWeakTable<Endpoint, Average> _averages = [];

    public Endpoint Pick(ReadOnlySpan<Endpoint> candidates, long now)
    {
        if (candidates.Length == 1)
        {
            return candidates[0];
        }

        var i = random.Next(candidates.Length);
        var j = random.Next(candidates.Length - 1);
        if (j >= i)
        {
            j++;
        }

        return Load(candidates[i], now) <= Load(candidates[j], now) ? candidates[i] : candidates[j];
    }

    public void Observe(Endpoint endpoint, long now, double milliseconds) => _averages.GetOrCreateValue(endpoint).Observe(now, milliseconds);

    private double Load(Endpoint endpoint, long now)
    {
        var average = _averages.GetOrCreateValue(endpoint);
        average.Observe(now, 0);
        var pending = endpoint.Load.InFlight;
        return average.Value == 0 && pending > 0 ? Penalty + pending : average.Value * (pending + 1);
    }

    private sealed class Average
    {
        private long _at;

        public double Value { get; private set; }

        public void Observe(long now, double sample)
        {
            var weight = Math.Exp(-(now - _at) / DecayMicros);
            Value = sample > Value ? sample : (Value * weight) + (sample * (1 - weight));
            _at = now;
        }
    }
}
