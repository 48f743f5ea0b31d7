using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>A policy that can estimate how long a request would take at an endpoint. Only with such a policy do calls leave their zone
/// because it is slow.</summary>
internal interface IEstimatesTime
{
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="now">When the request would be sent.</param>
    /// <returns>Milliseconds, more for an endpoint that fails; 0 without recent data; infinite while the first answer is awaited.</returns>
    float Estimate(Endpoint endpoint, MeshTime now);
}
