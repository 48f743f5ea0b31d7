using Mesh.Client.Faults.Backends;

namespace Mesh.Client.Faults.Scenarios;

/// <summary>A fault, and the load under which it is looked at.</summary>
internal sealed record Scenario
{
    public required string Id { get; init; }

    public required string Title { get; init; }

    /// <summary>The instances of the service. What is known about them never changes: the registry is stale.</summary>
    public required IReadOnlyList<BackendBehaviour> Instances { get; init; }

    public double RequestsPerSecond { get; init; } = 100;

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>One POST instead of a load of GETs.</summary>
    public bool SinglePost { get; init; }

    /// <summary>Instead of a load: so many applications start one after the other, and each makes one call.</summary>
    public int FreshApplications { get; init; }

    /// <summary>Whether it is about the choice: each instance is a process of its own, what it got is counted, and other policies of the
    /// mesh stand beside the default.</summary>
    public bool ComparesShares { get; init; }

    /// <summary>What happens to the instances while the load runs, given its duration.</summary>
    public Func<Fleet, TimeSpan, Task>? Disturbance { get; init; }
}
