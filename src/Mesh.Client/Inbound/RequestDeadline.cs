using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.ObjectPool;

namespace Mesh.Client.Inbound;

/// <summary>Ends a request with its deadline: the <see cref="HttpContext.RequestAborted"/> that the application sees is cancelled then, or when the client
/// goes. Pooled, because a timer costs more than the rest: rented and returned by <see cref="InboundMiddleware"/>.</summary>
#pragma warning disable CA1001 // Its owner calls Return, which disposes the timer or keeps it for the next request.
internal sealed partial class RequestDeadline : IHttpRequestLifetimeFeature
#pragma warning restore CA1001
{
    private static readonly ObjectPool<RequestDeadline> Pool = new DefaultObjectPool<RequestDeadline>(new DefaultPooledObjectPolicy<RequestDeadline>(), maximumRetained: 1024);

    private CancellationTokenSource _timer = new();
    private bool _pooled;
    private HttpContext _context = null!;
    private IHttpRequestLifetimeFeature _inner = null!;
    private ILogger _logger = null!;
    private bool _untilTheEnd;
    private CancellationTokenRegistration _end;
    private CancellationTokenRegistration _client;
    private CancellationToken? _replaced;

    // What the application sees. Made when it asks, and never used again: the application may keep its token for longer than the request. Without a timer
    // and a wait handle there is nothing to dispose of.
    private CancellationTokenSource? _source;
    private volatile bool _spent;
    private volatile bool _ended;

    public CancellationToken RequestAborted
    {
        get => _replaced ?? (Volatile.Read(ref _source) ?? MakeSource()).Token;
        set => _replaced = value;
    }

    /// <summary>Whether the time was up before the answer had begun, with the client still there.</summary>
    public bool NeedsAnswer => _spent && !_context.Response.HasStarted && !_inner.RequestAborted.IsCancellationRequested;

    /// <param name="context">The request.</param>
    /// <param name="time">The clock; only the real one allows to use a timer again.</param>
    /// <param name="remaining">What is left.</param>
    /// <param name="logger">For what the application throws when it is told.</param>
    /// <param name="untilTheEnd">Whether it also cuts an answer that has begun (gRPC, where a deadline is about the whole call).</param>
    public static RequestDeadline Rent(HttpContext context, TimeProvider time, TimeSpan remaining, ILogger logger, bool untilTheEnd)
    {
        var pooled = ReferenceEquals(time, TimeProvider.System);
        var deadline = pooled ? Pool.Get() : new RequestDeadline { _timer = new CancellationTokenSource(remaining, time) };
        deadline._pooled = pooled;
        deadline._context = context;
        deadline._logger = logger;
        deadline._untilTheEnd = untilTheEnd;
        deadline._inner = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        context.Features.Set<IHttpRequestLifetimeFeature>(deadline);
        if (pooled)
        {
            deadline._timer.CancelAfter(remaining);
        }

        deadline._end = deadline._timer.Token.UnsafeRegister(static state => ((RequestDeadline)state!).Spend(), deadline);
        return deadline;
    }

    public void Abort() => _inner.Abort();

    /// <summary>Ends it with the request, which must not be touched any more, and gives the object back.</summary>
    public void Return()
    {
        _ended = true;
        _client.Unregister();
        _context.Features.Set(_inner);

        // The timer's callback may be under way on another thread, where it meets the application: nobody waits for it, and it keeps this object.
        if (!_end.Unregister() || !_pooled || !_timer.TryReset())
        {
            _timer.Dispose();
            return;
        }

        _context = null!;
        _inner = null!;
        _logger = null!;
        _end = default;
        _client = default;
        _replaced = null;
        _source = null;
        _spent = false;
        _ended = false;
        Pool.Return(this);
    }

    private CancellationTokenSource MakeSource()
    {
        var made = new CancellationTokenSource();
        if (Interlocked.CompareExchange(ref _source, made, null) is { } other)
        {
            return other;
        }

        _client = _inner.RequestAborted.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), made);

        // The time may have been up between the two: here the source was made known first and then the end is read, there it is the other way round.
        if (_spent)
        {
            made.Cancel();
        }

        return made;
    }

    /// <summary>On the timer's thread, where an exception would end the process.</summary>
    private void Spend()
    {
        // What has begun (a download, events, a WebSocket) has been given in time; how long it may take is not the deadline's to say.
        if (_ended || (!_untilTheEnd && HasBegun()))
        {
            return;
        }

        _spent = true;
        Interlocked.MemoryBarrier();
        try
        {
            Volatile.Read(ref _source)?.Cancel();
        }
        catch (Exception exception)
        {
            // What the application has registered for the cancellation has thrown. The server does the same where the client goes.
            LogCallbackFailed(_logger, exception);
        }
    }

    private bool HasBegun()
    {
        try
        {
            return _context.Response.HasStarted;
        }
        catch (Exception) when (_ended)
        {
            // The server has taken the request back.
            return true;
        }
    }

    [LoggerMessage(1800, LogLevel.Error, "What the application does on RequestAborted failed when the deadline of a request was spent.", EventName = "CancellationFailed")]
    private static partial void LogCallbackFailed(ILogger logger, Exception exception);
}
