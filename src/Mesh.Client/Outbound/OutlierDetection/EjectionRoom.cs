using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Outbound.OutlierDetection;

/// <summary>Whether one more endpoint may be ejected.</summary>
internal static class EjectionRoom
{
    /// <summary>
    /// Counted within the priority level: ejections in one level say nothing about another. A level with another one behind it may be
    /// ejected as a whole, since the next one takes over; with a limit, the endpoints that stay would go on failing their part of the
    /// calls. Likewise endpoints about to leave take over from the last healthy one.
    /// </summary>
    public static bool IsLeft(EndpointSet set, Endpoint endpoint, OutlierDetectionPolicy policy)
    {
        if (policy.MaxEjectedRatio == 0)
        {
            return false;
        }

        if (!Array.Exists(set.Healthy, other => other != endpoint) && Array.Exists(set.Leaving, other => other != endpoint))
        {
            return true;
        }

        if (set.Judged <= 1)
        {
            return false;
        }

        if (!set.HasLevels)
        {
            return set.Ejected.Length < MaxEjected(set.Judged, policy);
        }

        if (HasReserve(set, endpoint))
        {
            return true;
        }

        var priority = endpoint.Place.Priority;
        var count = 0;
        foreach (var one in set.All)
        {
            count += one.Place.Priority == priority && !one.IsDraining ? 1 : 0;
        }

        var ejected = 0;
        foreach (var one in set.Ejected)
        {
            ejected += one.Place.Priority == priority ? 1 : 0;
        }

        return ejected < MaxEjected(Math.Min(count, set.Judged), policy);
    }

    /// <summary>Whether a level behind that of the endpoint has a healthy endpoint.</summary>
    public static bool HasReserve(EndpointSet set, Endpoint endpoint)
    {
        if (set.HasLevels)
        {
            var priority = endpoint.Place.Priority;
            foreach (var one in set.Healthy)
            {
                if (one.Place.Priority > priority)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The limit, at least one.</summary>
    private static int MaxEjected(int judged, OutlierDetectionPolicy policy) => Math.Max(1, (int)(judged * policy.MaxEjectedRatio));
}
