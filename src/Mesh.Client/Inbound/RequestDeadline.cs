using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Inbound;

/// <summary>Ends a request with its deadline: the <see cref="HttpContext.RequestAborted"/> that the application sees is cancelled then, or when the client goes.</summary>
internal sealed partial class RequestDeadline : IHttpRequestLifetimeFeature, IDisposable
{
    private readonly HttpContext _context;
    private readonly IHttpRequestLifetimeFeature _inner;
    private readonly CancellationTokenRegistration _client;
    private readonly ILogger _logger;
    private readonly bool _untilTheEnd;
    private readonly ITimer _timer;

    // Without a timer and a wait handle it has nothing to dispose of, so that the timer of the deadline may meet it at any time.
#pragma warning disable CA2213
    private readonly CancellationTokenSource _source = new();
#pragma warning restore CA2213
    private volatile bool _spent;
    private volatile bool _ended;

    /// <param name="context">The request.</param>
    /// <param name="time">The clock.</param>
    /// <param name="remaining">What is left.</param>
    /// <param name="logger">For what the application throws when it is told.</param>
    /// <param name="untilTheEnd">Whether it also cuts an answer that has begun (gRPC, where a deadline is about the whole call).</param>
    public RequestDeadline(HttpContext context, TimeProvider time, TimeSpan remaining, ILogger logger, bool untilTheEnd)
    {
        _context = context;
        _logger = logger;
        _untilTheEnd = untilTheEnd;
        _inner = context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>();
        RequestAborted = _source.Token;
        _client = _inner.RequestAborted.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _source);
        context.Features.Set<IHttpRequestLifetimeFeature>(this);
        _timer = time.CreateTimer(static state => ((RequestDeadline)state!).Spend(), this, remaining, Timeout.InfiniteTimeSpan);
    }

    public CancellationToken RequestAborted { get; set; }

    /// <summary>Whether the time was up before the answer had begun, with the client still there.</summary>
    public bool NeedsAnswer => _spent && !_context.Response.HasStarted && !_inner.RequestAborted.IsCancellationRequested;

    public void Abort() => _inner.Abort();

    public void Dispose()
    {
        // The timer may be firing just now, and finds the request's objects taken back then.
        _ended = true;
        _timer.Dispose();
        _client.Dispose();
        _context.Features.Set(_inner);
    }

    /// <summary>On the timer's thread, where an exception would end the process.</summary>
    private void Spend()
    {
        // What has begun (a download, events, a WebSocket) has been given in time; how long it may take is not the deadline's to say.
        if (!_untilTheEnd && HasBegun())
        {
            return;
        }

        _spent = true;
        try
        {
            _source.Cancel();
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
            return _ended || _context.Response.HasStarted;
        }
        catch (Exception) when (_ended)
        {
            return true;
        }
    }

    [LoggerMessage(1800, LogLevel.Error, "What the application does on RequestAborted failed when the deadline of a request was spent.", EventName = "CancellationFailed")]
    private static partial void LogCallbackFailed(ILogger logger, Exception exception);
}
