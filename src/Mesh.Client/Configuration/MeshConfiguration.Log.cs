using Microsoft.Extensions.Logging;

namespace Mesh.Client.Configuration;

internal sealed partial class MeshConfiguration
{
    [LoggerMessage(
        100,
        LogLevel.Information,
        "The changed configuration of the mesh is in force as generation {Generation}. Changed: {Changes}.",
        EventName = "ConfigurationReloaded")]
    private static partial void LogReloaded(ILogger logger, int generation, string changes);

    [LoggerMessage(
        101,
        LogLevel.Error,
        "The changed configuration of the mesh is refused; generation {Generation} stays in force. {Mistakes}",
        EventName = "ConfigurationRejected")]
    private static partial void LogRejected(ILogger logger, int generation, string mistakes);

    [LoggerMessage(
        102,
        LogLevel.Information,
        "The configuration of the mesh is free of mistakes again; generation {Generation} is in force.",
        EventName = "ConfigurationRecovered")]
    private static partial void LogRecovered(ILogger logger, int generation);

    [LoggerMessage(
        109,
        LogLevel.Warning,
        "Generation {Generation} of the mesh's configuration names no service and no registry, and the one before did. If section Mesh was "
            + "emptied by mistake, restore it: the change takes effect at once.",
        EventName = "ConfigurationEmptied")]
    private static partial void LogEmptied(ILogger logger, int generation);

    [LoggerMessage(
        103,
        LogLevel.Error,
        "{Part} failed to follow generation {Generation} of the mesh's configuration and may go on with its old settings.",
        EventName = "ConfigurationHandlerFailed")]
    private static partial void LogHandlerFailed(ILogger logger, Exception exception, int generation, string? part);
}
