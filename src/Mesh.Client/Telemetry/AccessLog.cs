using System.Runtime.CompilerServices;
using Mesh.Client.Context;
using Mesh.Client.Inbound;
using Mesh.Client.Model;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Telemetry;

/// <summary>One line per call and per request, off unless <see cref="TelemetryOptions.AccessLog"/> asks for it.</summary>
/// <remarks>Of an address only the path: a query, user-info, tokens and labels may hold what does not belong into a log.</remarks>
internal sealed partial class AccessLog(ModelInForce model, GuardedLogger<LogCategories.AccessLog> logger)
{
    /// <summary>Stands for what is not there: the formatter would write "(null)".</summary>
    private const string None = "-";

    public bool IsOn => model.Current.Options.Telemetry.AccessLog && logger.IsEnabled(LogLevel.Information);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Call(in EndedCall ended, TimeSpan duration)
    {
        var path = PathOf(ended.Address);
        var outcome = ended.Outcome.Name();
        var flag = ResponseFlags.Of(ended);
        if (ended.GrpcStatus is { } grpc)
        {
            LogGrpcCall(
                logger,
                path,
                ended.Service,
                ended.Endpoint ?? None,
                GrpcStatus.Name(grpc),
                duration.TotalMilliseconds,
                ended.Attempts,
                outcome,
                flag);
        }
        else
        {
            LogCall(
                logger,
                ended.Method.Method,
                path,
                ended.Service,
                ended.Endpoint ?? None,
                ended.Status is { } status ? status : None,
                duration.TotalMilliseconds,
                ended.Attempts,
                outcome,
                flag);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Request(HttpContext context, CallContext call, ServerOutcome outcome, TimeSpan duration)
    {
        var request = context.Request;
        var connection = context.Connection;
        LogRequest(
            logger,
            request.Method,
            // Escaped again: the server has unescaped it, and a line break would make two lines of one.
            (request.PathBase + request.Path).ToUriComponent(),
            model.Current.Options.Service.Name ?? None,
            connection.LocalIpAddress is { } address ? new System.Net.IPEndPoint(address, connection.LocalPort).ToString() : None,
            call.Caller?.Name ?? None,
            outcome == ServerOutcome.Canceled ? None : ServerTelemetry.StatusOf(context, outcome),
            duration.TotalMilliseconds,
            call.Attempt,
            outcome.Name,
            outcome.Flag);
    }

    private static string PathOf(Uri? address) => address?.AbsolutePath ?? "/";

    [LoggerMessage(
        1900,
        LogLevel.Information,
        "{Method} {Path} of {Service} at {Endpoint}: {Status} after {Duration} ms, {Attempts} attempt(s), {Outcome} {Flag}",
        EventName = "Call")]
    private static partial void LogCall(
        ILogger logger, string method, string path, string service, string endpoint, IConvertible status, double duration, int attempts,
            string outcome, string flag);

    [LoggerMessage(
        1902,
        LogLevel.Information,
        "gRPC {Path} of {Service} at {Endpoint}: {Status} after {Duration} ms, {Attempts} attempt(s), {Outcome} {Flag}",
        EventName = "GrpcCall")]
    private static partial void LogGrpcCall(
        ILogger logger, string path, string service, string endpoint, string status, double duration, int attempts, string outcome,
            string flag);

    [LoggerMessage(
        1901,
        LogLevel.Information,
        "{Method} {Path} of {Service} at {Endpoint} for {Caller}: {Status} after {Duration} ms, attempt {Attempt}, {Outcome} {Flag}",
        EventName = "Request")]
    private static partial void LogRequest(
        ILogger logger, string method, string path, string service, string endpoint, string caller, IConvertible status, double duration,
            int attempt, string outcome, string flag);
}
