using Microsoft.Extensions.Logging;

namespace Mesh.Registry;

/// <summary>Events 100 to 199 of the registry: what came, changed and left.</summary>
internal sealed partial class RegistryStore
{
    [LoggerMessage(100, LogLevel.Information, "Registered {App}/{Instance} with status {Status}", EventName = "InstanceRegistered")]
    private static partial void LogRegistered(ILogger logger, string app, string instance, string status);

    [LoggerMessage(101, LogLevel.Information, "Removed {App}/{Instance}: it cancelled its registration", EventName = "InstanceCancelled")]
    private static partial void LogCancelled(ILogger logger, string app, string instance);

    [LoggerMessage(102, LogLevel.Information, "Removed {App}/{Instance}: no heartbeat within its lease of {LeaseSeconds} seconds", EventName = "InstanceEvicted")]
    private static partial void LogEvicted(ILogger logger, string app, string instance, int leaseSeconds);

    [LoggerMessage(103, LogLevel.Information, "Status of {App}/{Instance} was set to {Status} by request", EventName = "InstanceStatusSet")]
    private static partial void LogStatus(ILogger logger, string app, string instance, string status);

    [LoggerMessage(104, LogLevel.Warning, "Refused {App}/{Instance}: {MaxInstances} instances are registered. Raise Mesh:Registry:MaxInstances, or look for clients that register under ever new ids", EventName = "RegistryFull")]
    private static partial void LogFull(ILogger logger, string app, string instance, int maxInstances);

    [LoggerMessage(105, LogLevel.Warning, "Self-preservation: {Received} heartbeats came in the last minute, {Promised} were due and at least {Threshold} must come. Expired instances stay until enough heartbeats come again; some of them may be dead", EventName = "SelfPreservationStarted")]
    private static partial void LogProtected(ILogger logger, int received, int promised, int threshold);

    [LoggerMessage(106, LogLevel.Information, "Self-preservation ended: {Received} heartbeats came in the last minute, {Promised} were due", EventName = "SelfPreservationEnded")]
    private static partial void LogNoLongerProtected(ILogger logger, int received, int promised);
}
