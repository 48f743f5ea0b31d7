namespace Samples.Processes;

/// <summary>What the demo knows of an instance.</summary>
internal enum ServiceState
{
    Starting,
    Up,
    Killed,
    Slow,
    Failing,
    Draining,

    /// <summary>Ended gracefully, not started again yet.</summary>
    Stopped,

    /// <summary>Ended unexpectedly.</summary>
    Crashed,
}
