using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>The data of one endpoint, as read for a pick.</summary>
/// <param name="LatencyMs">0 before its first answer.</param>
/// <param name="LatencyStamp">The time of its last answer, as <see cref="EndpointLoad.Stamp"/> counts.</param>
/// <param name="Queue">Its reported requests in flight; -1 without a report.</param>
/// <param name="ServiceMs">Its reported service time, milliseconds.</param>
internal readonly record struct SeenEndpoint(float LatencyMs, uint LatencyStamp, float Queue, float ServiceMs)
{
    /// <param name="load">The endpoint's load.</param>
    /// <param name="now">As <see cref="EndpointLoad.Stamp"/> counts.</param>
    public static SeenEndpoint Of(EndpointLoad load, uint now)
    {
        var latency = load.LatencyAt(out var stamp);
        var queue = load.ReportedQueue(now);
        return new(latency, stamp, queue, queue >= 0 ? load.ServiceTime : 0f);
    }
}
