using Mesh.Client.Outbound.Calls;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ObjectPool;

namespace Mesh.Client.Inbound;

/// <summary>Ends a request with its deadline: the application's <see cref="HttpContext.RequestAborted"/> is cancelled then, or when the
/// client disconnects. A timer exists only if the application asks for the token; for the answer the clock is enough. Pooled with its
/// timer: rented and returned by <see cref="InboundMiddleware"/>. The application never sees it, but a
/// <see cref="TimedRequest"/>.</summary>
#pragma warning disable CA1001 // Its owner calls Return, which disposes the timer or keeps it for the next request.
internal sealed partial class RequestDeadline : IResettable
#pragma warning restore CA1001
{
    private static readonly ObjectPool<RequestDeadline> Pool = new DefaultObjectPool<RequestDeadline>(
        new DefaultPooledObjectPolicy<RequestDeadline>(), maximumRetained: 1024);

    /// <summary>The longest time of a timer, 49 days. A deadline beyond it needs none.</summary>
    private static readonly TimeSpan MaxTimer = TimeSpan.FromMilliseconds(uint.MaxValue - 1);

    // Guards that the timer is armed only for the request that has rented this: the application may ask late, from any thread.
    private readonly Lock _arming = new();
    private TimedRequest? _request;
    private CancellationTokenSource? _timer;
    private CancellationTokenSource? _source;
    private HttpContext _context = null!;
    private IHttpRequestLifetimeFeature _inner = null!;
    private MeshClock _clock = null!;
    private MeshTime _until;
    private GuardedLogger<LogCategories.InboundMiddleware> _logger = null!;
    private bool _untilTheEnd;
    private CancellationTokenRegistration _end;
    private CancellationTokenRegistration _client;
    private volatile bool _spent;
    private volatile bool _running;

    /// <summary>Whether the answer has not begun and the client is still connected.</summary>
    public bool CanAnswer => !_context.Response.HasStarted && !_inner.RequestAborted.IsCancellationRequested;

    /// <summary>Whether the time is up.</summary>
    public bool IsOver => _spent || _clock.Now >= _until;

    /// <summary>Whether only the reserve for the answer is left: calls of this request end now.</summary>
    public bool IsAllButOver => _spent || _clock.Now >= _until - CallDeadline.Reserve;

    /// <summary>Whether the time was up before the answer had begun, with the client still connected.</summary>
    public bool NeedsAnswer => IsOver && CanAnswer;

    /// <summary>Whether the application was told, while it was answering, that the time is up, with the client still connected.</summary>
    public bool HasCut => _spent && _untilTheEnd && _context.Response.HasStarted && !_inner.RequestAborted.IsCancellationRequested;

    /// <param name="context">The request.</param>
    /// <param name="request">The lifetime that the application sees.</param>
    /// <param name="clock">The clock; timers are reused only with the real one.</param>
    /// <param name="until">When the time is up.</param>
    /// <param name="logger">Logs exceptions of the application's cancellation callbacks.</param>
    /// <param name="untilTheEnd">Whether it also cuts an answer that has begun (gRPC, where a deadline covers the whole call).</param>
    public static RequestDeadline Rent(
        HttpContext context,
        TimedRequest request,
        MeshClock clock,
        MeshTime until,
        GuardedLogger<LogCategories.InboundMiddleware> logger,
        bool untilTheEnd)
    {
        var deadline = Pool.Get();
        var features = context.Features;
        deadline._context = context;
        deadline._clock = clock;
        deadline._until = until;
        deadline._logger = logger;
        deadline._untilTheEnd = untilTheEnd;
        deadline._inner = features.Lifetime();
        deadline._running = true;
        deadline._request = request;
        request.BeginTime(deadline._inner, deadline);
        features.SetLifetime(request);
        return deadline;
    }

    /// <summary>Ends with the request, which must not be touched any more, and returns the object to the pool.</summary>
    public void Return()
    {
        _running = false;
        _context.Features.SetLifetime(_inner);
        if (_request!.EndTime(this) && !Disarm())
        {
            return;
        }

        Pool.Return(this);
    }

    /// <summary>Becomes as new, but for the timer. Only after its end.</summary>
    public bool TryReset()
    {
        _running = false;
        _request = null;
        _context = null!;
        _inner = null!;
        _clock = null!;
        _logger = null!;
        _source = null;
        _until = default;
        _untilTheEnd = false;
        _client = default;
        _end = default;
        _spent = false;
        return true;
    }

    /// <summary>Starts the timer, if this is still the deadline of that request.</summary>
    public void Arm(TimedRequest request, CancellationTokenSource source)
    {
        lock (_arming)
        {
            // It may be ended at the same time, on another thread.
            if (ReferenceEquals(_request, request) && _running)
            {
                Arm(source);
            }
        }
    }

    private void Arm(CancellationTokenSource source)
    {
        _source = source;
        _client = _inner.RequestAborted.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), source);
        var left = _until - _clock.Now;
        if (left <= TimeSpan.Zero)
        {
            Spend();
            return;
        }

        if (left > MaxTimer)
        {
            return;
        }

        if (!ReferenceEquals(_clock.TimeProvider, TimeProvider.System))
        {
            _timer = new CancellationTokenSource(left, _clock.TimeProvider);
        }
        else
        {
            (_timer ??= new CancellationTokenSource()).CancelAfter(left);
        }

        _end = _timer.Token.UnsafeRegister(static state => ((RequestDeadline)state!).Spend(), this);
    }

    /// <summary>Whether the object can be used again. The timer's callback may still be running on another thread, in code of the
    /// application. It is not waited for; the object is then not reused.</summary>
    private bool Disarm()
    {
        lock (_arming)
        {
            _request = null;
            _client.Unregister();
            _client = default;
            if (_timer is null)
            {
                return true;
            }

            // Only a timer of the real clock can be reset, and only if it has not fired.
            var reusable = (_end == default || _end.Unregister()) && _timer.TryReset();
            _end = default;
            if (!reusable)
            {
                _timer.Dispose();
                _timer = null;
            }

            return reusable;
        }
    }

    /// <summary>On the timer's thread, where an exception would end the process.</summary>
    private void Spend()
    {
        // An answer that has begun (a download, events, a WebSocket) was in time; the deadline does not limit its length.
        if (!_running || (!_untilTheEnd && HasBegun()))
        {
            return;
        }

        _spent = true;
        try
        {
            _source?.Cancel();
        }
        catch (Exception exception)
        {
            // A callback that the application registered for the cancellation has thrown. The server does the same when the client
            // disconnects.
            LogCallbackFailed(_logger, exception);
        }
    }

    private bool HasBegun()
    {
        try
        {
            return _context.Response.HasStarted;
        }
        catch (Exception) when (!_running)
        {
            // The server has taken the request back.
            return true;
        }
    }

    [LoggerMessage(
        1800,
        LogLevel.Error,
        "A callback that the application registered on RequestAborted failed when the deadline of a request passed.",
        EventName = "CancellationFailed")]
    private static partial void LogCallbackFailed(ILogger logger, Exception exception);
}
