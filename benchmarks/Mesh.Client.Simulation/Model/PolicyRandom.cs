using Mesh.Client.Primitives;

namespace Mesh.Client.Simulation.Model;

/// <summary>The randomness of the product's own code.</summary>
internal sealed class PolicyRandom(int seed) : IRandomSource
{
    private readonly Xoshiro _stream = new(seed, Streams.Policy);

    public int Next(int exclusiveMax) => _stream.Below(exclusiveMax);

    public double NextDouble() => _stream.Fraction();
}
