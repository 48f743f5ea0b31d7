using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>What was read of one endpoint at the moment of a pick.</summary>
/// <param name="LatencyMs">0 before its first answer.</param>
/// <param name="LatencyStamp">When that was: a <see cref="MeshTime.Stamp"/>.</param>
/// <param name="Queue">The requests that it has to do, by its reports; -1 when there is none.</param>
/// <param name="ServiceMs">How long it takes for one, by its last report.</param>
internal readonly record struct SeenEndpoint(float LatencyMs, uint LatencyStamp, float Queue, float ServiceMs)
{
    /// <param name="load">The endpoint's account.</param>
    /// <param name="stamp">The present <see cref="MeshTime.Stamp"/>.</param>
    public static SeenEndpoint Of(EndpointLoad load, uint stamp)
    {
        var latency = load.LatencyAt(out var latencyStamp);
        var queue = load.ReportedQueue(stamp);
        return new(latency, latencyStamp, queue, queue >= 0 ? load.ServiceTime : 0f);
    }
}
