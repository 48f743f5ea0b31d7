using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Outbound.Balancing.Locality;

/// <summary>How the calls of this process are shared between the zones of a service: as many as possible stay in the own zone, and yet
/// every endpoint gets its part. As in Envoy.</summary>
internal static class ZoneShares
{
    private const int MinLocal = 3;
    private const int MinEndpoints = 6;

    /// <summary>More names than this are no zones but racks or the like: each would have too few endpoints to choose from.</summary>
    private const int MaxZones = 16;

    /// <param name="own">The locality of this process.</param>
    /// <param name="local">The index of its own zone; negative for none.</param>
    /// <param name="zones">Name, usable endpoints and capacity of each zone.</param>
    /// <returns>The share of each zone, or null when the rule does not apply: too few endpoints in the own zone, or altogether.</returns>
    public static double[]? Of(OwnLocality own, int local, ReadOnlySpan<(string Name, int Usable, double Capacity)> zones)
    {
        var usable = 0;
        var capacity = 0.0;
        foreach (var zone in zones)
        {
            usable += zone.Usable;
            capacity += zone.Capacity;
        }

        if (local < 0 || zones.Length is < 2 or > MaxZones || zones[local].Usable < MinLocal || usable < MinEndpoints)
        {
            return null;
        }

        // Spare capacity of each zone, beyond the need of its own callers.
        var shares = new double[zones.Length];
        var beyond = 0.0;
        for (var i = 0; i < zones.Length; i++)
        {
            shares[i] = i == local ? 0 : Math.Max(0, (zones[i].Capacity / capacity) - own.ShareOfCallers(zones[i].Name, zones.Length));
            beyond += shares[i];
        }

        var callers = own.ShareOfCallers(zones[local].Name, zones.Length);
        var stay = callers <= 0 || beyond <= 0 ? 1 : Math.Min(1, zones[local].Capacity / capacity / callers);
        for (var i = 0; i < zones.Length; i++)
        {
            shares[i] = i == local ? stay : stay >= 1 ? 0 : shares[i] / beyond * (1 - stay);
        }

        return shares;
    }
}
