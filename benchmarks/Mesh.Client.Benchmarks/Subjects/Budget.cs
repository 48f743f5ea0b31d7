namespace Mesh.Client.Benchmarks.Subjects;

/// <summary>What a subject may add at most.</summary>
/// <param name="Bytes">Allocated bytes.</param>
/// <param name="CpuNs">Processor time on a machine where <c>stock</c> adds <see cref="StockNs"/>, before
/// <see cref="BenchmarkSize.BudgetSlack"/>.</param>
internal sealed record Budget(double Bytes, double CpuNs)
{
    /// <summary>What the stock stack added to a call that completes at once where the budgets were set. Other machines, and other days, are
    /// slower or faster by a factor.</summary>
    public const double StockNs = 1_900;

    /// <summary>Another subject, and how many times its processor time this one may take.</summary>
    public (string Name, double Times)? Beside { get; init; }
}
