namespace Mesh.Client.Simulation.Scenarios;

/// <summary>Clients, servers and load of one simulation. Times in milliseconds; load is a share of the servers' nominal capacity.</summary>
internal sealed record Scenario(string Id, string Title)
{
    public int Clients { get; init; } = 40;

    public int Servers { get; init; } = 40;

    /// <summary>Requests that a server works on at full speed at the same time.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Whether further requests wait their turn; otherwise all share the processors.</summary>
    public bool Fifo { get; init; }

    public DemandKind Demand { get; init; } = DemandKind.Exponential;

    public double MeanMs { get; init; } = 10;

    /// <summary>Speed and share of the servers that have it, in the order of the servers.</summary>
    public (double Speed, double Share)[] Speeds { get; init; } = [(1, 1)];

    public double OneWayMs { get; init; } = 0.25;

    public double DurationMs { get; init; } = 30_000;

    public double WarmUpMs { get; init; } = 5_000;

    /// <summary>From when on which load.</summary>
    public (double From, double Load)[] Load { get; init; } = [(0, 0.75)];

    public double DeadlineMs { get; init; } = 1_000;

    /// <summary>The time of an attempt where the scenario's application sets one; otherwise it is learned.</summary>
    public double? AttemptMs { get; init; }

    public Fault[] Faults { get; init; } = [];

    /// <summary>Parts that are judged apart, by the arrival of the requests; none means everything after the warm-up.</summary>
    public Window[] Windows { get; init; } = [];

    public Window[] AllWindows => Windows.Length > 0 ? Windows : [new Window("all", WarmUpMs, DurationMs)];

    public double LoadAt(double time) => Load.Last(step => step.From <= time).Load;

    public double[] ServerSpeeds() =>
        [.. Speeds.SelectMany(s => Enumerable.Repeat(s.Speed, (int)Math.Round(s.Share * Servers)))];
}
