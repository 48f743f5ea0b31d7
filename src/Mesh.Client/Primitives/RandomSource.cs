namespace Mesh.Client.Primitives;

/// <summary>The runtime's per-thread generator.</summary>
internal sealed class RandomSource : IRandomSource
{
#pragma warning disable RS0030, CA5394 // The one place that uses it; choosing an endpoint and jitter are no secrets.
    public int Next(int exclusiveMax) => Random.Shared.Next(exclusiveMax);

    public double NextDouble() => Random.Shared.NextDouble();
#pragma warning restore RS0030, CA5394
}
