using System.Net;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Inbound;

/// <summary>Logs once that values of a caller were dropped because it is not trusted. The caller may be a service of the same mesh, and its
/// labels are missing then.</summary>
/// <param name="logger">The log.</param>
internal sealed partial class DroppedHeaders(GuardedLogger<LogCategories.InboundMiddleware> logger)
{
    private int _told;

    /// <param name="header">The header that was dropped.</param>
    /// <param name="peer">The address at the socket.</param>
    public void Report(string header, IPAddress? peer)
    {
        // Once per process, because any caller can send these. Read before it is written, so that
        // processors do not contend for the cache line.
        if (Volatile.Read(ref _told) == 0 && Interlocked.Exchange(ref _told, 1) == 0)
        {
            var from = peer?.ToString() ?? "a Unix socket";
            LogDropped(header, from);
        }
    }

    /// <summary>The name to log; null for a header without effect. The sender chooses the name of a label, so that is not logged.</summary>
    public static string? Name(string header) =>
        header.StartsWith(MeshHeaders.LabelPrefix, StringComparison.OrdinalIgnoreCase) ? MeshHeaders.LabelPrefix + "*"
        : header.Equals(MeshHeaders.Criticality, StringComparison.OrdinalIgnoreCase) ? MeshHeaders.Criticality
        : header.Equals(MeshHeaders.Attempt, StringComparison.OrdinalIgnoreCase) ? MeshHeaders.Attempt
        : header.Equals(MeshHeaders.Deadline, StringComparison.OrdinalIgnoreCase) ? MeshHeaders.Deadline
        : null;

    [LoggerMessage(
        1802,
        LogLevel.Information,
        "Header {Header} of a request from {Peer} was dropped: the caller is not trusted. If it is one of your services, "
        + "list its network under Mesh:Inbound:TrustedNetworks. This is logged only once.",
        EventName = "HeaderOfUntrustedCallerDropped")]
    private partial void LogDropped(string header, string peer);
}
