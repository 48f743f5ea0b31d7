using System.Threading.Tasks.Sources;
using Mesh.Client.Calls;

namespace Mesh.Client.Resilience;

/// <summary>The one call that a breaker which is not closed lets through. The breaker waits for its verdict, which may come long after the answer has begun (gRPC).</summary>
internal sealed class BreakerTrial : IValueTaskSource<CallOutcome>
{
    /// <summary>A stream that has stayed open for so long is good enough: an endless one must not keep the others out.</summary>
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(5);

    // Goes on at once where it is decided: the next call of the same caller finds the breaker closed.
    private ManualResetValueTaskSourceCore<CallOutcome> _verdict;
    private ITimer? _timer;
    private int _decided;

    /// <summary>Whether the breaker has let it through.</summary>
    public bool IsAdmitted { get; private set; }

    /// <summary>Completes when the breaker has taken the verdict, and said so.</summary>
    public Task Recorded { get; set; } = Task.CompletedTask;

    /// <summary>How the call came out. The first verdict counts.</summary>
    /// <returns>False when it was decided before.</returns>
    public bool Decide(CallOutcome outcome)
    {
        if (Interlocked.Exchange(ref _decided, 1) != 0)
        {
            return false;
        }

        Volatile.Read(ref _timer)?.Dispose();
        _verdict.SetResult(outcome);
        return true;
    }

    /// <summary>The answer has begun well, and its end decides; or that it goes on.</summary>
    public void Follow(TimeProvider time)
    {
        // Not with the caller's context: the stream may outlive it.
        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
        {
            var timer = time.CreateTimer(static state => ((BreakerTrial)state!).Decide(CallOutcome.Ok), this, LongEnough, Timeout.InfiniteTimeSpan);
            Volatile.Write(ref _timer, timer);
            if (Volatile.Read(ref _decided) != 0)
            {
                timer.Dispose();
            }
        }
    }

    /// <summary>What the breaker runs.</summary>
    public ValueTask<CallOutcome> RunAsync()
    {
        IsAdmitted = true;
        return new ValueTask<CallOutcome>(this, _verdict.Version);
    }

    CallOutcome IValueTaskSource<CallOutcome>.GetResult(short token) => _verdict.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<CallOutcome>.GetStatus(short token) => _verdict.GetStatus(token);

    void IValueTaskSource<CallOutcome>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _verdict.OnCompleted(continuation, state, token, flags);
}
