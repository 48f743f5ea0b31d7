using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Outbound.Balancing.Locality;

/// <summary>The endpoints of one level of priority.</summary>
internal sealed class PlannedLevel
{
    public PlannedLevel(Endpoint[] endpoints, OwnLocality own, int known, bool zoneAware)
    {
        Count = endpoints.Length;
        Priority = Count == 0 ? 0 : endpoints[0].Place.Priority;
        Nearest = Beginning(endpoints, own, known);
        if (zoneAware && own.Zone is { } zone && Array.Exists(endpoints, endpoint => endpoint.Place.Zone == zone))
        {
            Zones = [.. endpoints.GroupBy(static endpoint => endpoint.Place.Zone)
                .OrderBy(group => group.Key == zone ? 0 : 1).ThenBy(static group => group.Key, StringComparer.Ordinal)
                .Select(group => new PlannedZone(group.Key, group.Count(), Beginning([.. group], own, known)))];
            Elsewhere = Beginning(Array.FindAll(endpoints, endpoint => endpoint.Place.Zone != zone), own, known);
        }
    }

    public int Priority { get; }

    public int Count { get; }

    /// <summary>The first endpoints in order, over all zones.</summary>
    public Endpoint[] Nearest { get; }

    /// <summary>The zones, this process's own first; empty if this level has no endpoint in the own zone, or zones are not used.</summary>
    public PlannedZone[] Zones { get; } = [];

    /// <summary>The first endpoints in order outside the zone of this process.</summary>
    public Endpoint[] Elsewhere { get; } = [];

    /// <summary>Without a subset no order is needed.</summary>
    private static Endpoint[] Beginning(Endpoint[] endpoints, OwnLocality own, int known) =>
        known == SelectionPlan.Unlimited ? endpoints : NearestEndpoints.Of(endpoints, own, known);
}
