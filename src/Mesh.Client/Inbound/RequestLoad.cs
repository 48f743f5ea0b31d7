using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Inbound;

/// <summary>One request in the account of <see cref="ServerLoad"/>: from its arrival until its answer begins.</summary>
/// <remarks>Not to its end: a download or a WebSocket that goes on for hours would make an idle server look busy.</remarks>
internal class RequestLoad
{
    private readonly ServerLoad _load;

    // Only where the caller understands what the answer says, and may know it.
    private readonly IHttpResponseFeature? _told;

    // Microseconds; the complement once it has ended, or before it has begun: a field of its own would cost every request.
    private long _start;

    protected RequestLoad(ServerLoad load, IHttpResponseFeature response, bool tells, MeshTime now)
    {
        _load = load;
        _told = tells ? response : null;
        _start = ~now.Micros;

        // When the answer starts, because error handlers clear the headers set before; and the first to ask is the last to be called.
        response.OnStarting(static state => ((RequestLoad)state).AnswerBegins(), this);

        // Last of all: what throws has counted nothing.
        _start = load.Begin(now).Micros;
    }

    /// <summary>When it arrived.</summary>
    public MeshTime Start => new(_start < 0 ? ~_start : _start);

    /// <param name="load">The account.</param>
    /// <param name="response">The answer to come.</param>
    /// <param name="tells">Whether the caller learns of the load.</param>
    /// <param name="now">When it arrived.</param>
    /// <param name="hasDeadline">Whether the application is to see a lifetime of ours.</param>
    public static RequestLoad Begin(ServerLoad load, IHttpResponseFeature response, bool tells, MeshTime now, bool hasDeadline) =>
        hasDeadline ? new TimedRequest(load, response, tells, now) : new RequestLoad(load, response, tells, now);

    /// <summary>The application is done, with or without an answer.</summary>
    public void End()
    {
        if (_start >= 0)
        {
            // Only what mesh callers ask for, and what was done: the probes of an orchestrator, quick errors and spent deadlines (499 or
            // 504) say nothing about how long work takes.
            _load.End(Start, _told is { StatusCode: < StatusCodes.Status499ClientClosedRequest });
            _start = ~_start;
        }
    }

    private Task AnswerBegins()
    {
        End();
        if (_told is not null && _load.HeaderValue is { } value)
        {
            _told.Headers[MeshHeaders.Load] = value;
        }

        return Task.CompletedTask;
    }
}
