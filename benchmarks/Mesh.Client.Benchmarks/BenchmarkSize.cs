namespace Mesh.Client.Benchmarks;

/// <summary>How much is measured, and by what factors the gates of processor time are widened, which no run measures exactly; times are
/// processor time.</summary>
/// <param name="Rounds">How often each case is measured.</param>
/// <param name="LongestWarmUp">When a case is measured that does not settle.</param>
/// <param name="Measured">How long a case is measured in a round.</param>
/// <param name="Slack">For shares of what the stock stack adds.</param>
/// <param name="BudgetSlack">For nanoseconds: those of a busy machine are longer.</param>
internal sealed record BenchmarkSize(int Rounds, TimeSpan LongestWarmUp, TimeSpan Measured, double Slack, double BudgetSlack)
{
    public static readonly BenchmarkSize Full = new(5, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(2), Slack: 1.2, BudgetSlack: 1.2);

    /// <summary>Short rounds on a shared machine were seen to differ by a factor of two for the same code: the gate still says that the
    /// mesh costs no more than stock. Budgets of a few hundred nanoseconds say nothing there; their bytes do.</summary>
    public static readonly BenchmarkSize Quick = new(
        2, TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(0.75), Slack: 2, BudgetSlack: double.PositiveInfinity);
}
