using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>A policy that can tell how long a request would take at an endpoint. Only with such a one do calls
/// leave their zone because it is slow.</summary>
internal interface IEstimatesTime
{
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="now">When the request would be sent.</param>
    /// <returns>Milliseconds, more for one that fails; 0 where nothing is known that is not old;
    /// infinite while the first answer is awaited.</returns>
    float Estimate(Endpoint endpoint, MeshTime now);
}
