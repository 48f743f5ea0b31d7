using System.Net;
using System.Runtime.CompilerServices;
using Mesh.Client.Context;
using Mesh.Client.Model;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Inbound;

/// <summary>The server half of the access log: one line per request to this server. Switched on together with that of calls.</summary>
/// <remarks>Only the path of an address is written, as in <see cref="AccessLog"/>.</remarks>
internal sealed partial class ServerAccessLog(ModelInForce model, GuardedLogger<LogCategories.AccessLog> logger)
{
    /// <summary>Stands for an absent value: the formatter would write "(null)".</summary>
    private const string None = "-";

    public bool IsOn => model.Current.Options.Telemetry.AccessLog && logger.IsEnabled(LogLevel.Information);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Request(HttpContext context, CallContext call, ServerOutcome outcome, int status, TimeSpan duration)
    {
        var request = context.Request;
        var connection = context.Connection;
        LogRequest(
            logger,
            request.Method,
            // Escaped again: the server has unescaped it, and a line break would split the line.
            (request.PathBase + request.Path).ToUriComponent(),
            model.Current.Options.Service.Name ?? None,
            connection.LocalIpAddress is { } address ? new IPEndPoint(address, connection.LocalPort).ToString() : None,
            call.Caller?.Name ?? None,
            outcome == ServerOutcome.Canceled ? None : status,
            duration.TotalMilliseconds,
            call.Attempt,
            outcome.Name,
            outcome.Flag);
    }

    [LoggerMessage(
        1901,
        LogLevel.Information,
        "{Method} {Path} of {Service} at {Endpoint} for {Caller}: {Status} after {Duration} ms, attempt {Attempt}, {Outcome} {Flag}",
        EventName = "Request")]
    private static partial void LogRequest(
        ILogger logger, string method, string path, string service, string endpoint, string caller, IConvertible status, double duration,
            int attempt, string outcome, string flag);
}
