using Mesh.Client.Primitives;

namespace Mesh.Client.Tests.Eureka;

/// <summary>Always the same number; with 0.5 a jittered interval is the interval.</summary>
internal sealed class FixedRandom(double value = 0.5) : IRandomSource
{
    public int Next(int exclusiveMax) => (int)(value * exclusiveMax);

    public double NextDouble() => value;
}
