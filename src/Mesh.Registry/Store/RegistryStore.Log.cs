using Microsoft.Extensions.Logging;

namespace Mesh.Registry.Store;

/// <summary>Events 100 to 199 of the registry: instances that come, change and leave.</summary>
internal sealed partial class RegistryStore
{
    [LoggerMessage(100, LogLevel.Information, "Registered {App}/{Instance} with status {Status}", EventName = "InstanceRegistered")]
    private static partial void LogRegistered(ILogger logger, string app, string instance, string status);

    [LoggerMessage(101, LogLevel.Information, "Removed {App}/{Instance}: it cancelled its registration", EventName = "InstanceCancelled")]
    private static partial void LogCancelled(ILogger logger, string app, string instance);

    [LoggerMessage(
        102,
        LogLevel.Information,
        "Removed {App}/{Instance}: no heartbeat within its lease of {LeaseSeconds} seconds",
        EventName = "InstanceEvicted")]
    private static partial void LogEvicted(ILogger logger, string app, string instance, int leaseSeconds);

    [LoggerMessage(103, LogLevel.Information, "Status of {App}/{Instance} was set to {Status} by request", EventName = "InstanceStatusSet")]
    private static partial void LogStatus(ILogger logger, string app, string instance, string status);

    [LoggerMessage(107, LogLevel.Information, "{App}/{Instance} is now {Status}, was {Before}", EventName = "InstanceStatusChanged")]
    private static partial void LogChanged(ILogger logger, string app, string instance, string status, string before);
}
