using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Inbound;

/// <summary>A request with a deadline: the lifetime that the application sees. Never reused, because the application may keep it for longer
/// than the request; only the timer behind it is pooled.</summary>
internal sealed class TimedRequest(ServerLoad load, IHttpResponseFeature response, bool tells, MeshTime now)
    : RequestLoad(load, response, tells, now), IHttpRequestLifetimeFeature
{
    /// <summary>The token for an application that asks after the end; never cancelled.</summary>
    private static readonly CancellationTokenSource Ended = new();

    private IHttpRequestLifetimeFeature _inner = null!;

    // The deadline until the application asks for the token; then the source of the token (never reused; without timer and wait handle it
    // needs no disposal), or the token that the application has set. Racing threads exchange it as a whole.
    private object? _state;

    public CancellationToken RequestAborted
    {
        get => Volatile.Read(ref _state) switch
        {
            RequestDeadline deadline => MakeSource(deadline),
            CancellationTokenSource source => source.Token,
            ReplacedToken replaced => replaced.Token,
            _ => Ended.Token,
        };
        set => Volatile.Write(ref _state, new ReplacedToken(value));
    }

    /// <summary>Aborts the server's own connection, even if it is late: at worst it ends a later request of the same client.</summary>
    public void Abort() => _inner.Abort();

    public void BeginTime(IHttpRequestLifetimeFeature inner, RequestDeadline deadline)
    {
        _inner = inner;
        _state = deadline;
    }

    /// <summary>Ends it, so that the timer can no longer be started.</summary>
    /// <returns>Whether the timer may have been started.</returns>
    public bool EndTime(RequestDeadline deadline) => !ReferenceEquals(Interlocked.CompareExchange(ref _state, Ended, deadline), deadline);

    private CancellationToken MakeSource(RequestDeadline deadline)
    {
        var made = new CancellationTokenSource();
        if (!ReferenceEquals(Interlocked.CompareExchange(ref _state, made, deadline), deadline))
        {
            return RequestAborted;
        }

        deadline.Arm(this, made);
        return made.Token;
    }

    private sealed record ReplacedToken(CancellationToken Token);
}
