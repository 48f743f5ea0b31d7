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

    /// <summary>The attempt as the caller reports it: its number, or <see cref="LastAttempt"/> when there is no room for further
    /// retries.</summary>
    public int SaidAttempt { get; init; } = 1;

    /// <summary>The number of the attempt that the caller makes.</summary>
    public int Attempt => Math.Max(1, SaidAttempt);

    public bool RetryExhausted => SaidAttempt == LastAttempt;

    /// <summary>Set while a health check runs, to find out whether it calls services. Virtual, so that requests do not pay for a
    /// field.</summary>
    public virtual ProbeMark? Probe => null;

    /// <summary>How long a gRPC call made on behalf of this may last, its stream included. The deadline of an HTTP request ends with the
    /// head of its answer and does not limit what the answer relays.</summary>
    public virtual MeshTime WholeDeadline => MeshTime.Never;

    public bool HasDeadline => !Deadline.IsNever;

    /// <summary>Whether the deadline in force came with the request, and was not set by the application.</summary>
    public virtual bool HasRequestDeadline => HasDeadline;

    /// <summary>Whether the deadline, if there is one, was set by a trusted caller. Failures caused by an untrusted caller's deadline are
    /// that caller's own wish, whatever stands between.</summary>
    public virtual bool IsDeadlineTrusted => true;

    /// <summary>The time left. Each application in a process has a clock
    /// of its own.</summary>
    public TimeSpan Remaining => HasDeadline ? Deadline - clock!.Now : Duration.NoLimit;

    public MeshClock? Clock => clock;

    /// <summary>This context without the deadline of the request; the same object where that changes nothing.</summary>
    public virtual CallContext WithoutRequestDeadline() =>
        HasDeadline ? new(clock) { Caller = Caller, Criticality = Criticality, Labels = Labels, SaidAttempt = SaidAttempt } : this;
}
