namespace Mesh.Client.Benchmarks.Subjects;

/// <summary>What a subject may add at most.</summary>
/// <param name="Bytes">Allocated bytes.</param>
/// <param name="CpuNs">Processor time, before <see cref="BenchmarkSize.BudgetSlack"/>.</param>
internal sealed record Budget(double Bytes, double CpuNs)
{
    /// <summary>Another subject, and how many times its processor time this one may take.</summary>
    public (string Name, double Times)? Beside { get; init; }
}
