using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Outbound.Calls;

/// <summary>How a call reaches an endpoint: over which connections, under which name, and whether it may end elsewhere.</summary>
internal static class CallReach
{
    /// <summary>Whether the handler of the attempt may send it elsewhere, or through a proxy.</summary>
    /// <param name="call">The call.</param>
    /// <param name="endpoint">The endpoint of the attempt; null to judge the handler alone.</param>
    public static bool MayRoam(this Call call, Endpoint? endpoint) =>
        call.Primary.IsOwn && call.Primary.Reach.MayLeave(endpoint is null ? null : call.TransportOf(endpoint).DirectSite);

    /// <summary>The endpoint's connections for this call: those over TLS if its address asks for TLS.</summary>
    public static EndpointTransport TransportOf(this Call call, Endpoint endpoint) => endpoint.TransportFor(call.IsSecure);

    /// <summary>Host and port that this call reaches an endpoint at, for messages.</summary>
    public static string NameOf(this Call call, Endpoint endpoint) => endpoint.NameFor(call.IsSecure);

    /// <summary>Where a setting of the call's service can be changed, for messages.</summary>
    public static string WhereToSet(this Call call, string key)
    {
        var route = (key == nameof(CallPolicy.Timeout) ? call.FirstRoute : call.Route).Model;
        return route.Own.Contains(key)
            ? call.Model.WhereToSet(call.Service.Name, key, route.Name)
            : call.Model.WhereToSet(call.Service.Name, key);
    }
}
