using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Primitives;
using Microsoft.Extensions.ObjectPool;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The cancellation of one attempt: its time limit, and the caller's token. Pooled: rented and returned by
/// <see cref="AttemptPipeline"/>.</summary>
/// <remarks>
/// It has a timer of its own instead of the source's, because the end of the time is a question: an attempt is cut short for a retry, and
/// only then is it known whether the budget has one. A callback may still be on its way when the object serves another attempt. It then
/// finds that this attempt's time is not over, or that the object was returned: the callback first announces itself and then reads the
/// time, and <see cref="Return"/> first removes the time and then looks for a callback, so one of the two sees the other.
/// </remarks>
#pragma warning disable CA1001 // Its owner calls Return, which disposes of what it has or keeps it for the next attempt.
internal sealed class AttemptCancellation : IResettable
#pragma warning restore CA1001
{
    /// <summary>The time stamp of what is never over.</summary>
    private const long Never = long.MaxValue;

    private static readonly TimeSpan MinTime = TimeSpan.FromMicroseconds(1);

    /// <summary>What a timer takes, and more than any attempt.</summary>
    private static readonly TimeSpan MaxTime = TimeSpan.FromDays(1);

    /// <summary>Timers are late by less than this on a busy machine.</summary>
    private static readonly TimeSpan MinLateness = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan OneMillisecond = TimeSpan.FromMilliseconds(1);

    private static readonly ObjectPool<AttemptCancellation> Pool = new DefaultObjectPool<AttemptCancellation>(
        new DefaultPooledObjectPolicy<AttemptCancellation>(), maximumRetained: 256);

    private readonly CancellationTokenSource _source = new();
    private CancellationTokenRegistration _caller;
    private CancellationToken _callerToken;
    private TimeProvider _time = TimeProvider.System;
    private ITimer? _timer;
    private bool _pooled;

    // When the time began and when it is over, as time stamps.
    private long _start;
    private long _due = Never;

    // The source of a retry, the endpoint of the attempt, and the time limit without a retry. The subset is written last and removed first:
    // a callback that sees it sees the others, which stay until no callback is left.
    private volatile Subset? _subset;
    private Endpoint? _endpoint;
    private bool _secure;
    private TimeSpan _rest;

    // Set by the first callback of the timer, and never reset: this then serves no other attempt.
    private int _fired;

    // Set once, before the timer is stopped for good; see Extend.
    private volatile bool _over;

    /// <summary>The request body being sent, where it is watched.</summary>
    public Upload? Upload { get; private set; }

    public CancellationToken Token => _source.Token;

    public bool IsCancelled => _source.IsCancellationRequested;

    /// <summary>Whether a retry has been taken from the budget to replace this attempt.</summary>
    public bool HasPromise { get; private set; }

    /// <summary>Whether the attempt was due to be cut short, and goes on since there is no retry for it.</summary>
    public bool HasRest { get; private set; }

    /// <summary>Whether the time was over long ago: this process was paused, or all of its threads were blocked. An answer may have arrived
    /// in time without being read.</summary>
    public bool IsOverdue
    {
        get
        {
            var due = Volatile.Read(ref _due);
            if (due == Never || !IsCancelled)
            {
                return false;
            }

            var late = _time.GetElapsedTime(due);
            return late > MinLateness && late > _time.GetElapsedTime(_start, due) / 4;
        }
    }

    /// <param name="time">The clock; sources are reused only with the real one.</param>
    /// <param name="span">Time until it cancels, which may be <see cref="Duration.NoLimit"/>.</param>
    /// <param name="caller">The caller's token; cancels it, too.</param>
    /// <param name="leavesOurHands">Whether the user's code gets the token. It may keep the token for longer than the attempt, so the
    /// source must never serve another one.</param>
    public static AttemptCancellation Rent(TimeProvider time, TimeSpan span, CancellationToken caller, bool leavesOurHands = false)
    {
        AttemptCancellation attempt;
        if (ReferenceEquals(time, TimeProvider.System) && !leavesOurHands)
        {
            attempt = Pool.Get();
            attempt._pooled = true;
        }
        else
        {
            attempt = new AttemptCancellation { _time = time };
        }

        if (span != Duration.NoLimit)
        {
            attempt.Begin(span);
        }

        if (caller.CanBeCanceled)
        {
            attempt._callerToken = caller;
            attempt._caller = caller.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), attempt._source);
        }

        return attempt;
    }

    /// <summary>Cuts the attempt short for a retry elsewhere when the time is over, but only if there is a retry by then.</summary>
    /// <param name="subset">Its budget, or a priority level behind that of the endpoint, provides the retry.</param>
    /// <param name="endpoint">The endpoint of the attempt.</param>
    /// <param name="secure">Whether the retry needs an endpoint that speaks TLS.</param>
    /// <param name="rest">The time limit of the attempt without a retry, from its beginning.</param>
    public void CutShortFor(Subset subset, Endpoint endpoint, bool secure, TimeSpan rest)
    {
        _rest = rest;
        _endpoint = endpoint;
        _secure = secure;
        _subset = subset;
    }

    /// <summary>Ends the attempt's time and gives the object back.</summary>
    public void Return()
    {
        var (caller, registration) = (_callerToken, _caller);
        _callerToken = default;
        _caller = default;
        _over = true;
        _subset = null;
        registration.Unregister();
        Stop();

        // A caller that has cancelled may be about to cancel the source. It must find the source neither disposed (that would throw out of
        // the caller's own Cancel) nor in use by another attempt. So it is neither; without its timer there is nothing to dispose of. A
        // body that is still being sent may also want to extend the time.
        if (caller.IsCancellationRequested || Upload is not null)
        {
            return;
        }

        if (_pooled)
        {
            Pool.Return(this);
        }
        else
        {
            Dispose();
        }
    }

    /// <summary>Becomes as new, but for source and timer. Only after <see cref="Return"/> has removed the time.</summary>
    public bool TryReset()
    {
        if (Volatile.Read(ref _fired) != 0 || !_source.TryReset())
        {
            Dispose();
            return false;
        }

        // A callback that comes now finds no time, and reads none of this.
        _caller = default;
        _callerToken = default;
        _time = TimeProvider.System;
        _pooled = false;
        _start = 0;
        _due = Never;
        _subset = null;
        _endpoint = null;
        _secure = false;
        _rest = default;
        _over = false;
        Upload = null;
        HasPromise = false;
        HasRest = false;
        return true;
    }

    /// <summary>Cancels the attempt. Does not throw: the attempt may have ended at the same moment, and a callback that the user's handler
    /// has registered for the token may throw, even on a timer's thread.</summary>
    public void Cancel()
    {
        try
        {
            _source.Cancel();
        }
        catch (Exception)
        {
            // All other registrations were called.
        }
    }

    /// <summary>Ends the attempt's time limit but stays tied to the caller until returned: the request body is still being sent while the
    /// response is read.</summary>
    public void Detach()
    {
        // The transport may use the token until the very end of the exchange: no other attempt gets this source.
        _pooled = false;
        _over = true;
        Stop();
    }

    /// <summary>Watches the sending of a body, which may <see cref="Extend"/> the time. Only for tokens given to the user's code.</summary>
    public void Watch(Upload upload) => Upload = upload;

    /// <summary>Restarts the time limit, since the request body has moved.</summary>
    /// <remarks>Called by the flow that sends, even after the end: whichever of the two sets the timer last, it is then stopped.</remarks>
    /// <param name="span">As for <see cref="Rent"/>.</param>
    /// <param name="rest">As for <see cref="CutShortFor"/>.</param>
    public void Extend(TimeSpan span, TimeSpan rest)
    {
        if (_over)
        {
            return;
        }

        _rest = rest;
        HasRest = false;
        Begin(span);
        if (_over)
        {
            Stop();
        }
    }

    private void Dispose()
    {
        _timer?.Dispose();
        _source.Dispose();
    }

    private static TimeSpan Bounded(TimeSpan span) => Duration.Min(Duration.Max(span, MinTime), MaxTime);

    private void Begin(TimeSpan span)
    {
        span = Bounded(span);
        _start = _time.GetTimestamp();
        Volatile.Write(ref _due, After(_start, span));
        _timer ??= _time.CreateUnboundTimer(
            static state => ((AttemptCancellation)state!).OnTime(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(span, Timeout.InfiniteTimeSpan);
    }

    private void Stop()
    {
        Interlocked.Exchange(ref _due, Never);
        _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private long After(long start, TimeSpan span) => start + (long)(span.TotalSeconds * _time.TimestampFrequency);

    private void OnTime()
    {
        Interlocked.Exchange(ref _fired, 1);
        while (true)
        {
            var due = Volatile.Read(ref _due);
            if (due == Never)
            {
                return;
            }

            var left = _time.GetElapsedTime(_time.GetTimestamp(), due);
            if (left > TimeSpan.Zero)
            {
                // Timers sometimes fire a little early; or the object serves another attempt by now.
                _timer!.Change(left < OneMillisecond ? OneMillisecond : left, Timeout.InfiniteTimeSpan);
                if (Volatile.Read(ref _due) == due)
                {
                    return;
                }
            }
            else if (HasRest || _subset is not { } subset)
            {
                Expire();
                return;
            }
            else if (subset.Budget.TryPromise())
            {
                HasPromise = true;
                Expire();
                return;
            }
            else if (EndpointReserve.Exists(subset, _endpoint!, _secure))
            {
                // The rules allow such a retry without the budget. Checked now: the reserve may have left meanwhile.
                Expire();
                return;
            }
            else
            {
                // It continues for as long as it may without a retry, unless it has ended or moved at this moment.
                var until = _rest == Duration.NoLimit ? Never : After(_start, Bounded(_rest));
                HasRest = Interlocked.CompareExchange(ref _due, until, due) == due;
            }
        }
    }

    /// <summary>The time is over. Which side the sending waits for must be seen before it is cancelled, which ends the wait.</summary>
    private void Expire()
    {
        Upload?.NoteTimeOver();
        Cancel();
    }
}
