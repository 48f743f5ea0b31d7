using Microsoft.Extensions.ObjectPool;

namespace Mesh.Client.Calls;

/// <summary>The cancellation of one attempt: its time, and the caller's token. Pooled: rented and returned by
/// <see cref="AttemptPipeline"/>.</summary>
#pragma warning disable CA1001 // Its owner calls Return, which disposes the source or keeps it for the next attempt.
internal sealed class AttemptCancellation
#pragma warning restore CA1001
{
    private static readonly ObjectPool<AttemptCancellation> Pool = new DefaultObjectPool<AttemptCancellation>(
        new PoolPolicy(), maximumRetained: 256);

    /// <summary>Timers are late by less than this on a busy machine.</summary>
    private const long MinLateness = 500_000;

    private CancellationTokenSource _source = new();
    private CancellationTokenRegistration _caller;
    private CancellationToken _callerToken;
    private bool _pooled;
    private long _start;
    private long _due = long.MaxValue;

    // Set once, before the timer is stopped for good; see Extend.
    private volatile bool _over;

    /// <summary>The request body that is being sent, where it is watched.</summary>
    public Upload? Upload { get; private set; }

    public CancellationToken Token => _source.Token;

    public bool IsCancelled => _source.IsCancellationRequested;

    /// <param name="time">The clock; only the real one allows to use a source again.</param>
    /// <param name="micros">Until it cancels; <see cref="long.MaxValue"/> for never.</param>
    /// <param name="caller">Cancels it, too.</param>
    /// <param name="leavesOurHands">Whether the token is given to code of the user's, which may keep it for longer than the attempt: it
    /// must never become another one's.</param>
    public static AttemptCancellation Rent(TimeProvider time, long micros, CancellationToken caller, bool leavesOurHands = false)
    {
        AttemptCancellation attempt;
        if (ReferenceEquals(time, TimeProvider.System) && !leavesOurHands)
        {
            attempt = Pool.Get();
            attempt._pooled = true;
            if (micros != long.MaxValue)
            {
                attempt._source.CancelAfter(Span(micros));
            }
        }
        else
        {
            attempt = new AttemptCancellation
            {
                _source = micros == long.MaxValue ? new CancellationTokenSource() : new CancellationTokenSource(Span(micros), time),
            };
        }

        if (caller.CanBeCanceled)
        {
            attempt._callerToken = caller;
            attempt._caller = caller.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), attempt._source);
        }

        return attempt;
    }

    /// <summary>Notes the time, for <see cref="IsOverdue"/>.</summary>
    /// <param name="start">When it began, microseconds.</param>
    /// <param name="micros">As for <see cref="Rent"/>.</param>
    public void CountFrom(long start, long micros)
    {
        _start = start;
        _due = micros == long.MaxValue ? long.MaxValue : start + micros;
    }

    /// <summary>Whether the time was over long before: this process was paused, or all of its threads were blocked. An answer may have been
    /// there in time, and nobody to read it.</summary>
    public bool IsOverdue(long now) => _due != long.MaxValue && now - _due > Math.Max(MinLateness, (_due - _start) / 4);

    /// <summary>Ends the attempt's time and gives the object back.</summary>
    public void Return()
    {
        var (caller, registration) = (_callerToken, _caller);
        _callerToken = default;
        _caller = default;
        _due = long.MaxValue;
        _over = true;
        registration.Unregister();

        // A caller that has cancelled may be just about to cancel the source: it must not meet one that is disposed (that would throw out
        // of the caller's own Cancel) or in use by another attempt. So it is neither; without its timer there is nothing to dispose of. A
        // body that is still being sent may yet want to extend the time.
        if (caller.IsCancellationRequested || Upload is not null)
        {
            _source.CancelAfter(Timeout.InfiniteTimeSpan);
        }
        else if (_pooled && _source.TryReset())
        {
            Pool.Return(this);
        }
        else
        {
            _source.Dispose();
        }
    }

    /// <summary>Ends what the attempt has under way.</summary>
    public void Cancel() => _source.Cancel();

    /// <summary>Ends the attempt's time but stays tied to the caller until returned: the request body is still being sent while the
    /// response is read.</summary>
    public void Detach()
    {
        // The transport may look at the token until the very end of the exchange: no other attempt gets this source.
        _pooled = false;
        _over = true;
        _source.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    /// <summary>Watches the sending of a body, which may <see cref="Extend"/> the time. Only where the token leaves our hands.</summary>
    public void Watch(Upload upload) => Upload = upload;

    /// <summary>Begins the time anew, since the request body has moved.</summary>
    /// <remarks>Comes from the flow that sends, also after the end: whichever of the two sets the timer last, it is stopped then.</remarks>
    public void Extend(long micros)
    {
        if (_over)
        {
            return;
        }

        _due = long.MaxValue;
        _source.CancelAfter(Span(micros));
        if (_over)
        {
            _source.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    private static TimeSpan Span(long micros) => new(Math.Min(Math.Max(micros, 1), 86_400_000_000L) * TimeSpan.TicksPerMicrosecond);

    private sealed class PoolPolicy : PooledObjectPolicy<AttemptCancellation>
    {
        public override AttemptCancellation Create() => new();

        public override bool Return(AttemptCancellation obj) => true;
    }
}
