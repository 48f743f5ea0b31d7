using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Inbound;

/// <summary>A request with a deadline: the lifetime that the application sees. It is this request's for ever, because the application may
/// keep it for longer than the request: only the timer behind it is used again.</summary>
internal sealed class TimedRequest(ServerLoad load, IHttpResponseFeature response, bool tells, MeshTime now)
    : RequestLoad(load, response, tells, now), IHttpRequestLifetimeFeature
{
    /// <summary>Used if the token was not requested before the end. It is never cancelled.</summary>
    private static readonly CancellationTokenSource Ended = new();

    private IHttpRequestLifetimeFeature _inner = null!;

    // The deadline until the application asks for the token; then the token's source, which is never used again and, without a timer and a
    // wait handle, needs no disposal; or what the application has put in its place. Racing threads exchange it as a whole.
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

    /// <summary>Of the server's own connection, also when it is late: at worst it ends one of the client that sent this request.</summary>
    public void Abort() => _inner.Abort();

    public void BeginTime(IHttpRequestLifetimeFeature inner, RequestDeadline deadline)
    {
        _inner = inner;
        _state = deadline;
    }

    /// <summary>Ends it, so that the deadline's timer can no longer be started.</summary>
    /// <returns>Whether the timer may have begun.</returns>
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
