using Mesh.Client.Model;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Resilience;

/// <summary>The one call that an open breaker lets through. The breaker waits for its verdict, which may come long after the answer has
/// begun (gRPC), or while a large body is sent. If it does not come soon, further calls join the trial, one at a time: the first that
/// ends decides for all.</summary>
/// <param name="start">When it begins.</param>
internal sealed class BreakerTrial(MeshTime start)
{
    /// <summary>A stream that has stayed open for this long is good enough: an endless one must not keep the others out.</summary>
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(5);

    // Continues synchronously where it is decided: the next call of the same caller finds the breaker closed.
    private readonly TaskCompletionSource<CallOutcome> _verdict = new();
    private ITimer? _timer;
    private long _joinableAt = (start + LongEnough).Micros;

    /// <summary>Whether the breaker has let it through.</summary>
    public bool IsAdmitted { get; private set; }

    /// <summary>Completes when the breaker has taken the verdict and reported it.</summary>
    public Task Recorded { get; set; } = Task.CompletedTask;

    /// <summary>Whether a further call may join, since the others take long.</summary>
    public bool TryJoin(MeshTime now)
    {
        var due = Volatile.Read(ref _joinableAt);
        return IsAdmitted
            && !_verdict.Task.IsCompleted
            && now.Micros >= due
            && Interlocked.CompareExchange(ref _joinableAt, (now + LongEnough).Micros, due) == due;
    }

    /// <summary>Decides by the outcome of the call. The first verdict counts.</summary>
    /// <returns>False when it was already decided.</returns>
    public bool Decide(CallOutcome outcome)
    {
        Volatile.Read(ref _timer)?.Dispose();
        return _verdict.TrySetResult(outcome);
    }

    /// <summary>The answer has begun well; its end decides, or that it goes on for long enough.</summary>
    public void Follow(TimeProvider time)
    {
        // Without the caller's context: the stream may outlive it.
        var timer = time.CreateUnboundTimer(
            static state => ((BreakerTrial)state!).Decide(CallOutcome.Ok), this, LongEnough, Timeout.InfiniteTimeSpan);
        Volatile.Write(ref _timer, timer);
        if (_verdict.Task.IsCompleted)
        {
            timer.Dispose();
        }
    }

    /// <summary>The work that the breaker runs.</summary>
    public Task<CallOutcome> RunAsync()
    {
        IsAdmitted = true;
        return _verdict.Task;
    }
}
