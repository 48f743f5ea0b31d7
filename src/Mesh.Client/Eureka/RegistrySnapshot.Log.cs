using Microsoft.Extensions.Logging;

namespace Mesh.Client.Eureka;

internal sealed partial class RegistrySnapshot
{
    [LoggerMessage(
        2140,
        LogLevel.Warning,
        "No registry answers: {Count} instance(s) of the snapshot '{File}', written at {Written:u}, are used until one does.",
        EventName = "SnapshotUsed")]
    private partial void LogUsed(int count, string file, DateTimeOffset written);

    [LoggerMessage(2141, LogLevel.Warning, "The snapshot '{File}' is not used: {Reason}.", EventName = "SnapshotRefused")]
    private partial void LogRefused(string file, string reason);

    [LoggerMessage(2142, LogLevel.Warning, "The snapshot '{File}' cannot be written: {Reason}.", EventName = "SnapshotNotWritten")]
    private partial void LogNotWritten(string file, string reason);
}
