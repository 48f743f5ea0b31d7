using System.Runtime.CompilerServices;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Telemetry;

/// <summary>One line per call, off unless <see cref="TelemetryOptions.AccessLog"/> asks for it.</summary>
/// <remarks>Only the path of an address is written: a query, user-info, tokens and labels may contain what does not belong in a
/// log.</remarks>
internal sealed partial class AccessLog(ModelInForce model, GuardedLogger<LogCategories.AccessLog> logger)
{
    /// <summary>Stands for an absent value: the formatter would write "(null)".</summary>
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
}
