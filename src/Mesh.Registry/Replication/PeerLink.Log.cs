using Microsoft.Extensions.Logging;

namespace Mesh.Registry.Replication;

/// <summary>Events 200 to 299 of the registry: its peers.</summary>
internal sealed partial class PeerLink
{
    [LoggerMessage(200, LogLevel.Information, "Peer {Peer} answers", EventName = "PeerReached")]
    private static partial void LogReached(ILogger logger, Uri peer);

    [LoggerMessage(
        201,
        LogLevel.Warning,
        "Peer {Peer} does not answer: {Reason}. Changes are kept for it and tried again",
        EventName = "PeerUnreachable")]
    private static partial void LogUnreachable(ILogger logger, Uri peer, string reason);

    [LoggerMessage(
        202,
        LogLevel.Warning,
        "Peer {Peer} misses more than {MaxChanges} changes; further ones are not kept for it. It copies everything when it starts, and "
        + "heartbeats give it the rest",
        EventName = "PeerBacklogFull")]
    private static partial void LogOverflow(ILogger logger, Uri peer, int maxChanges);

    [LoggerMessage(
        203,
        LogLevel.Warning,
        "Peer {Peer} refused {App}/{Instance} with status {Status} and does not list it; all other changes were sent. Compare versions "
        + "and limits of both",
        EventName = "PeerRefused")]
    private static partial void LogRefused(ILogger logger, Uri peer, string app, string instance, int status);
}
