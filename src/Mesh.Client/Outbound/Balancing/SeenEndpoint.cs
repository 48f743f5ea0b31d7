using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>The data of one endpoint, as read for a pick.</summary>
/// <param name="LatencyMs">0 before its first answer.</param>
/// <param name="LatencyStamp">The time of its last answer: a <see cref="MeshTime.Stamp"/>.</param>
/// <param name="Queue">Its reported requests in flight; -1 without a report.</param>
/// <param name="ServiceMs">Its reported service time, milliseconds.</param>
internal readonly record struct SeenEndpoint(float LatencyMs, uint LatencyStamp, float Queue, float ServiceMs)
{
    /// <param name="load">The endpoint's load.</param>
    /// <param name="stamp">The present <see cref="MeshTime.Stamp"/>.</param>
    public static SeenEndpoint Of(EndpointLoad load, uint stamp)
    {
        var latency = load.LatencyAt(out var latencyStamp);
        var queue = load.ReportedQueue(stamp);
        return new(latency, latencyStamp, queue, queue >= 0 ? load.ServiceTime : 0f);
    }
}
