using Mesh.Client.Context;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>When a call must have its response headers: by the time of its policy, and by the deadline that somebody has set for it. The
/// nearer one ends it.</summary>
internal struct CallDeadline
{
    /// <summary>The part of an inherited deadline kept back at each hop, so that the answer, or the error, still reaches the caller in
    /// time.</summary>
    public static readonly TimeSpan Reserve = TimeSpan.FromMilliseconds(5);

    // By the policy. The only part that changes while attempts are under way, and these may run side by side: one word.
    private long _own;

    private CallDeadline(MeshTime start, TimeSpan policyTime)
    {
        PolicyTime = policyTime;
        _own = (start + policyTime).Micros;
        Fixed = Whole = MeshTime.Never;
    }

    /// <summary>The policy's time; <see cref="Duration.NoLimit"/> also if the call has a time of its own.</summary>
    public TimeSpan PolicyTime { get; private set; }

    /// <summary>The deadline that does not move with the request body: the caller's own, or that of a gRPC call.</summary>
    public MeshTime Fixed { get; private set; }

    /// <summary>The deadline of a whole gRPC call, not only of its headers: its own, that of a gRPC request, or a time that the application
    /// has set. Only this may end a stream.</summary>
    public MeshTime Whole { get; private set; }

    /// <summary>Whether the deadline is the call's own (grpc-timeout).</summary>
    public bool IsItsOwn { get; private set; }

    /// <summary>When the call must have its response headers.</summary>
    public MeshTime End => MeshTime.Min(MeshTime.Read(ref _own), Fixed);

    /// <summary>Whether the caller's deadline is earlier than the policy's. If it passes, no endpoint has failed.</summary>
    public bool IsInherited => Fixed < MeshTime.Read(ref _own);

    public static CallDeadline Begin(MeshTime start, TimeSpan policyTime) => new(start, policyTime);

    /// <summary>The time that the caller gives the call replaces the policy's, even if it is longer.</summary>
    public void Replace(MeshTime start, TimeSpan timeout)
    {
        PolicyTime = Duration.NoLimit;
        _own = MeshTime.Never.Micros;
        Fixed = Whole = start + timeout;
        IsItsOwn = true;
    }

    /// <summary>Takes the deadline of the request that the call belongs to.</summary>
    public void Inherit(CallContext context, MeshClock clock)
    {
        // The context may come from another application in this process, with another origin of its clock.
        var inherited = (ReferenceEquals(context.Clock, clock) ? context.Deadline : clock.Now + context.Remaining) - Reserve;
        IsItsOwn &= inherited >= End;
        Fixed = MeshTime.Min(Fixed, inherited);
        if (context.WholeDeadline is { IsNever: false } whole)
        {
            Whole = MeshTime.Min(Whole, inherited + (whole - context.Deadline));
        }
    }

    /// <summary>The request body last moved at this time: the policy's time restarts there; the caller's deadline does not move.</summary>
    public void Extend(MeshTime movedAt)
    {
        // Attempts that run side by side may both move it: the later one counts. A race between them costs less than a millisecond.
        if (PolicyTime != Duration.NoLimit && movedAt + PolicyTime is var own && own > MeshTime.Read(ref _own))
        {
            MeshTime.Write(ref _own, own);
        }
    }
}
