using Mesh.Client.Context;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Inbound;

/// <summary>One request in the account of <see cref="ServerLoad"/>: from its arrival until its answer begins.</summary>
/// <remarks>Not to its end: a download or a WebSocket that goes on for hours would make an idle server look busy.</remarks>
internal sealed class RequestLoad
{
    private readonly ServerLoad _load;

    // Only where the caller understands what the answer says.
    private readonly IHttpResponseFeature? _told;

    // The complement once it has ended: a field of its own would cost every request.
    private long _start;

    private RequestLoad(ServerLoad load, IHttpResponseFeature? told, long now)
    {
        _load = load;
        _told = told;
        _start = load.Begin(now);
    }

    /// <summary>When it arrived, microseconds.</summary>
    public long Start => _start < 0 ? ~_start : _start;

    /// <param name="load">The account.</param>
    /// <param name="response">The answer to come.</param>
    /// <param name="tells">Whether the caller understands the answer's <c>mesh-load</c>.</param>
    /// <param name="now">Microseconds.</param>
    public static RequestLoad Begin(ServerLoad load, IHttpResponseFeature response, bool tells, long now)
    {
        var request = new RequestLoad(load, tells ? response : null, now);

        // When the answer starts, because error handlers clear the headers set before; and the first to ask is the last to be called.
        response.OnStarting(static state => ((RequestLoad)state).AnswerBegins(), request);
        return request;
    }

    /// <summary>The application is done, with or without an answer.</summary>
    public void End()
    {
        if (_start >= 0)
        {
            // Only what mesh callers ask for, and what was done: the probes of an orchestrator and quick errors say nothing about how long work takes.
            _load.End(_start, _told is { StatusCode: < StatusCodes.Status500InternalServerError });
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
