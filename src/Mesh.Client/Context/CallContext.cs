using Mesh.Client.Primitives;

namespace Mesh.Client.Context;

/// <summary>What is known of the request that is being served, or of background work that asked for it. Immutable.</summary>
internal class CallContext(MeshClock? clock)
{
    public const int LastAttempt = 0;

    public MeshCaller? Caller { get; init; }

    /// <summary>When the caller's time is up.</summary>
    public MeshTime Deadline { get; init; } = MeshTime.Never;

    public Criticality Criticality { get; init; } = Criticality.Critical;

    public ContextLabels Labels { get; init; } = ContextLabels.Empty;

    /// <summary>What the caller has said of its attempt: the number, or <see cref="LastAttempt"/> when
    /// there is no room for retries any more.</summary>
    public int SaidAttempt { get; init; } = 1;

    /// <summary>The number of the attempt that the caller makes.</summary>
    public int Attempt => Math.Max(1, SaidAttempt);

    public bool RetryExhausted => SaidAttempt == LastAttempt;

    /// <summary>Set where a health check runs, to learn whether it calls services. Virtual, so
    /// that requests do not pay for the field.</summary>
    public virtual ProbeMark? Probe => null;

    /// <summary>Until when a call of gRPC that is part of this may last, its stream included. The deadline of a request over HTTP is about
    /// the head of its answer: what the answer relays goes on.</summary>
    public virtual MeshTime WholeDeadline => MeshTime.Never;

    public bool HasDeadline => !Deadline.IsNever;

    /// <summary>Whether the deadline in force came with the request, and was not set by the application.</summary>
    public virtual bool HasRequestDeadline => HasDeadline;

    /// <summary>Whether the deadline, if there is one, was set by a caller that is trusted. Where it was not, the failures that it causes
    /// are the caller's own wish, whatever stands between.</summary>
    public virtual bool IsDeadlineTrusted => true;

    /// <summary>What is left of the time. Each application of a process has a clock of its own.</summary>
    public TimeSpan Remaining => HasDeadline ? Deadline - clock!.Now : Duration.NoLimit;

    public MeshClock? Clock => clock;

    /// <summary>The same when the deadline of the request has been taken off; this one where that changes nothing.</summary>
    public virtual CallContext WithoutRequestDeadline() =>
        HasDeadline ? new(clock) { Caller = Caller, Criticality = Criticality, Labels = Labels, SaidAttempt = SaidAttempt } : this;
}
