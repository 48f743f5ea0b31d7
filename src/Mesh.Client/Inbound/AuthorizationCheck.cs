using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Inbound;

/// <summary>Refuses requests with an ambiguous <c>Authorization</c>: the application and a proxy before it might read different
/// users.</summary>
/// <param name="logger">The log.</param>
internal sealed partial class AuthorizationCheck(GuardedLogger<LogCategories.InboundMiddleware> logger)
{
    private int _told;

    /// <summary>Whether there is more than one header, or a bearer token that could be read as two.</summary>
    public static bool IsRefused(IHeaderDictionary headers)
    {
        var values = headers.Authorization;
        return values.Count > 1 || (values.Count == 1 && AuthorizationSyntax.IsAmbiguous(values[0]));
    }

    public Task AnswerAsync(HttpContext context)
    {
        Report(context);
        ServerTelemetry.Answered(context, ServerOutcome.Denied);
        var response = context.Response;
        response.StatusCode = StatusCodes.Status401Unauthorized;
        response.Headers.CacheControl = DeadlineAnswer.NoStore;
        response.Headers.WWWAuthenticate = "Bearer error=\"invalid_request\"";
        response.ContentType = "text/plain";
        return response.WriteAsync("The Authorization header of this request is ambiguous, or there is more than "
            + "one.\n", context.RequestAborted);
    }

    private void Report(HttpContext context)
    {
        // Once per process, because any caller can send these. Read before it is written, so that
        // processors do not contend for the cache line.
        if (Volatile.Read(ref _told) == 0 && Interlocked.Exchange(ref _told, 1) == 0)
        {
            LogRefused(
                context.Connection.RemoteIpAddress?.ToString() ?? "a Unix socket",
                context.Request.Headers.Authorization.Count > 1
                    ? "more than one Authorization header"
                    : "a bearer token that is ambiguous: with a space, a comma, a tab, or a character that is not visible ASCII");
        }
    }

    [LoggerMessage(
        1803,
        LogLevel.Warning,
        "A request from {Peer} was answered 401 before the application saw it. It has {Reason}. This is logged only once.",
        EventName = "AuthorizationRefused")]
    private partial void LogRefused(string peer, string reason);
}
