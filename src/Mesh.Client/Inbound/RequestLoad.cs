using Mesh.Client.Context;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Inbound;

/// <summary>One request in the account of <see cref="ServerLoad"/>: from its arrival until its answer begins.</summary>
/// <remarks>Not to its end: a download or a WebSocket that goes on for hours would make an idle server look busy.</remarks>
internal sealed class RequestLoad
{
    private readonly ServerLoad _load;
    private readonly HttpResponse _response;
    private readonly bool _tells;
    private readonly long _start;
    private bool _ended;

    private RequestLoad(ServerLoad load, HttpResponse response, bool tells)
    {
        _load = load;
        _response = response;
        _tells = tells;
        _start = load.Begin();
    }

    /// <param name="load">The account.</param>
    /// <param name="response">The answer to come.</param>
    /// <param name="tells">Whether the caller understands the answer's <c>mesh-load</c>.</param>
    public static RequestLoad Begin(ServerLoad load, HttpResponse response, bool tells)
    {
        var request = new RequestLoad(load, response, tells);

        // When the answer starts, because error handlers clear the headers set before; and the first to ask is the last to be called.
        response.OnStarting(static state => ((RequestLoad)state).AnswerBegins(), request);
        return request;
    }

    /// <summary>The application is done, with or without an answer.</summary>
    public void End()
    {
        if (!_ended)
        {
            _ended = true;

            // Only what mesh callers ask for, and what was done: the probes of an orchestrator and quick errors say nothing about how long work takes.
            _load.End(_start, _tells && _response.StatusCode < StatusCodes.Status500InternalServerError);
        }
    }

    private Task AnswerBegins()
    {
        End();
        if (_tells && _load.HeaderValue is { } value)
        {
            _response.Headers[MeshHeaders.Load] = value;
        }

        return Task.CompletedTask;
    }
}
