using Microsoft.Extensions.Logging;

namespace Mesh.Registry.Replication;

internal sealed partial class ReplicationLoop
{
    [LoggerMessage(
        204,
        LogLevel.Warning,
        "Listings are refused (403) for {Left}: none of the peers could be copied ({Peers}), so this registry does not know yet what is "
        + "registered. Instances register meanwhile, by their heartbeats. Mesh:Registry:PeerSyncWait says how long",
        EventName = "ListingsRefused")]
    private static partial void LogRefused(ILogger logger, TimeSpan left, string peers);

    [LoggerMessage(
        205,
        LogLevel.Information,
        "Listings are served: the wait after the start without a peer is over. {Count} instances are registered",
        EventName = "ListingsServed")]
    private static partial void LogServed(ILogger logger, int count);
}
