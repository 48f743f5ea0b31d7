namespace Mesh.Client.Faults.Deploy;

/// <summary>When what happens in a run. In one of 60 s: every 17 s one instance is replaced, and each is away for 2 s, besides the time it
/// takes to end and to start. Shorter runs are scaled.</summary>
internal sealed record DeployTimes(TimeSpan Duration)
{
    private static readonly TimeSpan Full = TimeSpan.FromSeconds(60);

    /// <summary>Between the end of a process and the start of the next one.</summary>
    public TimeSpan Away => Scaled(2);

    /// <summary>The default of <c>DrainDelay</c>, or less in a short run.</summary>
    public TimeSpan DrainDelay => Scaled(5);

    /// <summary>For how long the load goes on after the last replacement.</summary>
    public TimeSpan Rest => Scaled(3);

    /// <summary>When the instance of this number is told to go.</summary>
    public TimeSpan BeginOf(int instance) => Scaled(5 + (17 * instance));

    private TimeSpan Scaled(double seconds) => TimeSpan.FromSeconds(seconds) * Math.Min(1, Duration / Full);
}
