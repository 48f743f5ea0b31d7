using Microsoft.Extensions.Logging;

namespace Mesh.Registry.Store;

internal sealed partial class RegistryNotices
{
    [LoggerMessage(
        104,
        LogLevel.Warning,
        "Refused {App}/{Instance}: {MaxInstances} instances are registered. Raise Mesh:Registry:MaxInstances, or look for clients that "
        + "keep registering under new ids",
        EventName = "RegistryFull")]
    private static partial void LogFull(ILogger logger, string app, string instance, int maxInstances);

    [LoggerMessage(
        105,
        LogLevel.Warning,
        "Self-preservation: {Received} heartbeats came in the last minute, {Promised} were due and at least {Threshold} must come. "
        + "Expired instances stay until enough heartbeats come again; some of them may be dead",
        EventName = "SelfPreservationStarted")]
    private static partial void LogProtected(ILogger logger, int received, int promised, int threshold);

    [LoggerMessage(
        106,
        LogLevel.Information,
        "Self-preservation ended: {Received} heartbeats came in the last minute, {Promised} were due",
        EventName = "SelfPreservationEnded")]
    private static partial void LogNoLongerProtected(ILogger logger, int received, int promised);
}
