using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.OutlierDetection;
using Mesh.Client.Outbound.Services;

namespace Mesh.Client.Outbound.Calls;

/// <summary>What is behind an endpoint, told without its call, which may have ended.</summary>
internal static class EndpointReserve
{
    /// <summary>Whether there is a priority level behind that of the endpoint.</summary>
    /// <param name="subset">What the endpoint belongs to.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="secure">Whether a retry needs an endpoint that speaks TLS.</param>
    public static bool Exists(Subset subset, Endpoint endpoint, bool secure) => EjectionRoom.HasReserve(SetOf(subset, secure), endpoint);

    public static EndpointSet SetOf(Subset subset, bool secure) => secure ? subset.Endpoints.Secure : subset.Endpoints;
}
