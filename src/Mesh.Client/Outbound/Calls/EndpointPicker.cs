using Mesh.Client.Model;
using Mesh.Client.Outbound.Balancing.Locality;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Picks the endpoint of the next attempt. One read of the snapshot; the first attempt on a healthy service reads nothing
/// else.</summary>
internal static class EndpointPicker
{
    /// <param name="call">The call.</param>
    /// <param name="now">When the attempt begins.</param>
    /// <param name="trial">Whether the attempt is the trial of an ejected endpoint.</param>
    /// <returns>Null when the service has no endpoint for this request.</returns>
    public static Endpoint? Pick(Call call, MeshTime now, out bool trial)
    {
        trial = false;
        var set = SetFor(call);
        if (call.Attempts > 0)
        {
            return PickAgain(call, set, now);
        }

        // Honour the destination of a redirect, whatever its state: a follower that names its leader would be the fastest pick again, and
        // would name it again.
        if (call.Named is { } named && Array.IndexOf(set.All, named) >= 0)
        {
            return named;
        }

        if (now >= set.NextTrial && TakeTrial(call, set, now, out trial) is { } candidate)
        {
            return candidate;
        }

        if (set.Groups.Length == 0)
        {
            return null;
        }

        var chosen = PickFrom(EndpointGroup.Draw(set.Groups, call.Service.Random), call, now);
        if (set.Growth is { } growth && growth.IsDue(chosen, now))
        {
            call.Target.Owner.Resize(set, now);
        }

        return chosen;
    }

    private static Endpoint PickFrom(EndpointGroup group, Call call, MeshTime now)
    {
        var balancer = call.Target.Subset.Balancer;
        var chosen = group.Endpoints[balancer.Pick(new EndpointCandidates(balancer, group.Endpoints, now, call.Request))];
        return group.Elsewhere.Length == 0 ? chosen : ZoneSpillover.Consider(balancer, chosen, group.Elsewhere, call.Service.Random, now);
    }

    /// <summary>An ejected endpoint that is due for a trial by one request.</summary>
    private static Endpoint? TakeTrial(Call call, EndpointSet set, MeshTime now, out bool trial)
    {
        var owner = call.Target.Owner;
        if (set.Ejected.Length > 0 && owner.Outliers.TakeTrial(call.Repeatable, call.IsSecure, now) is { } ejected)
        {
            trial = true;
            return ejected;
        }

        trial = false;
        return set.Draining.Length > 0 && call.Repeatable && call.HasAttemptsLeft ? owner.Draining.TakeTrial(call.IsSecure, now) : null;
    }

    /// <summary>Whether a retry could go to an endpoint in rotation that this call has not tried. One that is out of it is no reason to
    /// give up waiting for another.</summary>
    public static bool HasUntried(Call call)
    {
        var tried = call.Tried;
        var set = SetFor(call);
        foreach (var endpoint in set.All)
        {
            if (!endpoint.IsDraining && (set.Panic || !endpoint.Health.IsEjected) && !Contains(tried, endpoint))
            {
                return true;
            }
        }

        return Leaving(call, set).Length > 0;
    }

    /// <summary>Whether a retry of an attempt that ran out of its time could go to an endpoint that this call has not tried.</summary>
    public static bool HasUntriedInTime(Call call) => HasUntried(call) || Except(SetFor(call).Leaving, call.Tried).Length > 0;

    /// <summary>Endpoints about to leave that this call may go to: they are better than an endpoint that has just refused a connection, or
    /// hangs.</summary>
    private static Endpoint[] Leaving(Call call, EndpointSet set) =>
        call.Last.Outcome is CallOutcome.ConnectFailure or CallOutcome.Timeout ? Except(set.Leaving, call.Tried) : [];

    /// <summary>Whether there is a priority level behind that of an endpoint.</summary>
    public static bool HasReserve(Call call, Endpoint? endpoint) =>
        endpoint is not null && EndpointReserve.Exists(call.Target.Subset, endpoint, call.IsSecure);

    public static EndpointSet SetFor(Call call) => EndpointReserve.SetOf(call.Target.Subset, call.IsSecure);

    /// <summary>Untried endpoints of the drawn group first, then any in use, any healthy, then those about to leave, then ejected ones
    /// (those tried have just failed).</summary>
    private static Endpoint? PickAgain(Call call, EndpointSet set, MeshTime now)
    {
        var tried = call.Tried;
        var rest = set.Groups.Length == 0 ? [] : Except(GroupFor(call, set), tried);
        if (rest.Length == 0)
        {
            rest = Except(set.Usable, tried);
        }

        if (rest.Length == 0)
        {
            rest = Except(set.Healthy, tried);
        }

        if (rest.Length == 0)
        {
            rest = Leaving(call, set);
        }

        if (rest.Length == 0)
        {
            rest = Except(Ejected(call, set), tried);
        }

        if (rest.Length == 0)
        {
            rest = set.Usable;
        }

        var balancer = call.Target.Subset.Balancer;
        return rest.Length == 0 ? null : rest[balancer.Pick(new EndpointCandidates(balancer, rest, now, call.Request))];
    }

    /// <summary>Ejected endpoints that this call may go to. An answer is given up only for those that refused connections: another may
    /// hang, and use up the time of the call.</summary>
    private static Endpoint[] Ejected(Call call, EndpointSet set) =>
        call.Last.Response is null ? set.Ejected : Array.FindAll(set.Ejected, static endpoint => endpoint.Health.EjectedByConnectFailures);

    /// <summary>The last attempt leaves the priority level and the zone of the one before, if there are others: either may have failed as a
    /// whole.</summary>
    private static Endpoint[] GroupFor(Call call, EndpointSet set)
    {
        var group = EndpointGroup.Draw(set.Groups, call.Service.Random);
        var isLast = call.Attempts >= call.Policy.MaxRetries;
        if ((isLast || !call.Target.Subset.Budget.HasRoom) && set.HasLevels && call.LastTried?.Place.Priority is { } level
            && Array.FindAll(set.Healthy, endpoint => endpoint.Place.Priority > level) is { Length: > 0 } behind)
        {
            return behind;
        }

        if (!isLast)
        {
            return group.Endpoints;
        }

        // Not by the groups: with few endpoints left in the own zone, one group contains all zones.
        var left = call.LastTried?.Place.Zone;
        return Array.FindAll(set.Usable, endpoint => endpoint.Place.Zone != left) is { Length: > 0 } others ? others : group.Endpoints;
    }

    private static Endpoint[] Except(Endpoint[] endpoints, ReadOnlySpan<Endpoint?> tried)
    {
        if (endpoints.Length == 0)
        {
            return [];
        }

        var rest = new List<Endpoint>(endpoints.Length);
        foreach (var endpoint in endpoints)
        {
            if (!Contains(tried, endpoint))
            {
                rest.Add(endpoint);
            }
        }

        return [.. rest];
    }

    private static bool Contains(ReadOnlySpan<Endpoint?> tried, Endpoint endpoint)
    {
        foreach (var candidate in tried)
        {
            if (ReferenceEquals(candidate, endpoint))
            {
                return true;
            }
        }

        return false;
    }
}
