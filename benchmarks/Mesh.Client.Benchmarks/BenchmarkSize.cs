namespace Mesh.Client.Benchmarks;

/// <summary>How much is measured; times are processor time.</summary>
internal sealed record BenchmarkSize(int Rounds, TimeSpan ShortestWarmUp, TimeSpan LongestWarmUp, TimeSpan Measured)
{
    /// <summary>The stock stack needs about three seconds until its code is fully optimised.</summary>
    public static readonly BenchmarkSize Full = new(5, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(2));

    public static readonly BenchmarkSize Quick = new(3, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(0.75));
}
