using Mesh.Client.Simulation.Scenarios;

namespace Mesh.Client.Simulation.Model;

/// <summary>How much work each request is, in milliseconds on a server of speed 1.</summary>
internal sealed class DemandSource(Scenario scenario, int seed)
{
    private const double Sigma = 1;

    private readonly Xoshiro _stream = new(seed, Streams.Demand);

    public double Next() => scenario.Demand switch
    {
        DemandKind.LogNormal => Math.Exp(Math.Log(scenario.MeanMs) - (Sigma * Sigma / 2) + (Sigma * _stream.Normal())),
        DemandKind.Bimodal => scenario.MeanMs * (_stream.Fraction() < 0.9 ? 0.5 : 5.5),
        _ => _stream.Exponential(scenario.MeanMs),
    };
}
