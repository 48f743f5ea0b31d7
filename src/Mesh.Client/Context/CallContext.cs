using Mesh.Client.Telemetry;

namespace Mesh.Client.Context;

/// <summary>What is known of the request that is being served, or of background work that asked for it. Immutable.</summary>
internal sealed class CallContext(MeshClock? clock)
{
    public MeshCaller? Caller { get; init; }

    /// <summary>When the caller's time is up, in microseconds of the clock; <see cref="long.MaxValue"/> for never.</summary>
    public long Deadline { get; init; } = long.MaxValue;

    public Criticality Criticality { get; init; } = Criticality.Critical;

    public ContextLabels Labels { get; init; } = ContextLabels.Empty;

    /// <summary>The number of the attempt that the caller makes.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Whether the caller has said that there is no room for retries any more.</summary>
    public bool RetryExhausted { get; init; }

    public bool HasDeadline => Deadline != long.MaxValue;

    /// <summary>What is left of the time, in microseconds; <see cref="long.MaxValue"/> if there is no limit. Each application of a process has a clock of its own.</summary>
    public long Remaining => HasDeadline ? Deadline - clock!.Now : long.MaxValue;

    public MeshClock? Clock => clock;

    public CallContext WithoutDeadline() => new(clock) { Caller = Caller, Criticality = Criticality, Labels = Labels, Attempt = Attempt, RetryExhausted = RetryExhausted };
}
