using Mesh.Client.Benchmarks.Measuring;

namespace Mesh.Client.Benchmarks.Subjects;

/// <summary>Something whose cost is measured.</summary>
/// <param name="Name">How the command line, the table and the file of results call it.</param>
/// <param name="Baseline">The subject it is added to, measured in a process of its own: only what it costs more counts. Null for one whose
/// figures count as they are.</param>
/// <param name="StartAsync">Sets it up, and checks that it does its work: otherwise its cost would mean nothing
/// (<see cref="InvalidOperationException"/>).</param>
internal sealed record Subject(string Name, string? Baseline, Func<BenchmarkCase, Task<ILoop>> StartAsync)
{
    public IReadOnlyList<string> Transports { get; init; } = [BenchmarkCase.Sync, BenchmarkCase.Yield];

    /// <summary>Those of a short run.</summary>
    public IReadOnlyList<string> QuickTransports { get; init; } = [BenchmarkCase.Sync, BenchmarkCase.Yield];

    public IReadOnlyList<string> Uris { get; init; } = [BenchmarkCase.Repeated];

    /// <summary>In processor time. Less code is optimised sooner.</summary>
    public TimeSpan ShortestWarmUp { get; init; } = TimeSpan.FromSeconds(0.75);

    /// <summary>What it is measured against in the same process, in turns; its figures are then differences. Null for one that has its
    /// process to itself.</summary>
    public Func<BenchmarkCase, Task<ILoop>>? StartBaselineAsync { get; init; }

    /// <summary>What it may cost, apart from the comparison of the mesh with the stock stack.</summary>
    public Budget? Budget { get; init; }
}
