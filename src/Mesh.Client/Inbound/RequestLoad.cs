using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Client.Inbound;

/// <summary>One request in the load of <see cref="ServerLoad"/>: from its arrival until its answer begins.</summary>
/// <remarks>Not to its end: a download or a WebSocket that lasts for hours would make an idle server look busy.</remarks>
internal class RequestLoad
{
    private readonly ServerLoad _load;

    // Null unless the caller understands load reports and may know the load.
    private readonly IHttpResponseFeature? _told;

    // Microseconds; the bitwise complement once the request has ended, and before it has begun: a field of its own would cost every
    // request.
    private long _start;

    protected RequestLoad(ServerLoad load, IHttpResponseFeature response, bool tells, MeshTime now)
    {
        _load = load;
        _told = tells ? response : null;
        _start = ~now.Micros;

        // On start, because error handlers clear headers set before. Registered first, so called last.
        response.OnStarting(static state => ((RequestLoad)state).AnswerBegins(), this);

        // Last: if anything above throws, nothing was counted.
        _start = load.Begin(now).Micros;
    }

    /// <summary>When it arrived.</summary>
    public MeshTime Start => new(_start < 0 ? ~_start : _start);

    /// <param name="load">The load of the server.</param>
    /// <param name="response">The answer to come.</param>
    /// <param name="tells">Whether the caller learns of the load.</param>
    /// <param name="now">When it arrived.</param>
    /// <param name="hasDeadline">Whether the application gets a lifetime with a deadline.</param>
    public static RequestLoad Begin(ServerLoad load, IHttpResponseFeature response, bool tells, MeshTime now, bool hasDeadline) =>
        hasDeadline ? new TimedRequest(load, response, tells, now) : new RequestLoad(load, response, tells, now);

    /// <summary>The application is done, with or without an answer.</summary>
    public void End()
    {
        if (_start >= 0)
        {
            // Only requests of mesh callers that were served: probes of an orchestrator, quick errors and spent deadlines (499 or 504) say
            // nothing about how long work takes.
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
