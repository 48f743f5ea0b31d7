using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Inbound;

/// <summary>Ends a request with its deadline: the <see cref="HttpContext.RequestAborted"/> that the application sees is cancelled then, or when the client goes.</summary>
internal sealed class RequestDeadline : IHttpRequestLifetimeFeature, IDisposable
{
    private readonly HttpContext _context;
    private readonly IHttpRequestLifetimeFeature _inner;
    private readonly CancellationTokenRegistration _client;
    private readonly bool _untilTheEnd;
    private readonly ITimer _timer;

    // Without a timer and a wait handle it has nothing to dispose of, so that the timer of the deadline may meet it at any time.
#pragma warning disable CA2213
    private readonly CancellationTokenSource _source = new();
#pragma warning restore CA2213
    private volatile bool _spent;

    /// <param name="context">The request.</param>
    /// <param name="time">The clock.</param>
    /// <param name="remaining">What is left.</param>
    /// <param name="untilTheEnd">Whether it also cuts an answer that has begun (gRPC, where a deadline is about the whole call).</param>
    public RequestDeadline(HttpContext context, TimeProvider time, TimeSpan remaining, bool untilTheEnd)
    {
        _context = context;
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
        _timer.Dispose();
        _client.Dispose();
        _context.Features.Set(_inner);
    }

    private void Spend()
    {
        // What has begun (a download, events, a WebSocket) has been given in time; how long it may take is not the deadline's to say.
        if (_context.Response.HasStarted && !_untilTheEnd)
        {
            return;
        }

        _spent = true;
        _source.Cancel();
    }
}
