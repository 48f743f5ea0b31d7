namespace Mesh.Client.Benchmarks;

/// <summary>How much is measured, and by what factor the gates of processor time are widened, which no run measures exactly; times are processor time.</summary>
internal sealed record BenchmarkSize(int Rounds, TimeSpan LongestWarmUp, TimeSpan Measured, double Slack)
{
    public static readonly BenchmarkSize Full = new(5, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(2), Slack: 1.2);

    /// <summary>Short rounds on a shared machine were seen to differ by a factor of two for the same code: the gate still says that the mesh costs no more than stock.</summary>
    public static readonly BenchmarkSize Quick = new(3, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(0.75), Slack: 2);
}
