using Mesh.Client.Matching;
using Mesh.Client.Outbound.Routing;

namespace Mesh.Client.Outbound.Services;

/// <summary>The routes of a service at one moment. Immutable; a call reads it once.</summary>
/// <param name="routes">In the order in which they are asked. The last one takes all calls.</param>
/// <param name="index">Finds one of those before the last; null where there are none.</param>
internal sealed class RouteTable(Route[] routes, RouteIndex? index)
{
    public static readonly RouteTable Empty = new([], null);

    public Route[] Routes => routes;

    public RouteIndex? Index => index;

    /// <summary>The route of a call.</summary>
    /// <param name="request">The message.</param>
    /// <param name="address">The address that was called.</param>
    /// <param name="client">The name of the client that makes the call.</param>
    public Route Find(HttpRequestMessage request, Uri address, string client) =>
        index is null ? routes[0] : routes[index.Find(new CallFacts(request, address, client))];
}
