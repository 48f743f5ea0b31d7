using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing.Locality;

/// <summary>Selects the endpoints of a service that this process uses now, and how they share its calls: by priority, then by zone, then a
/// subset of each part. Guarded by the service's lock.</summary>
internal sealed class SubsetSelector
{
    private SelectionPlan? _plan;

    public SubsetScaler Growth { get; } = new();

    /// <param name="all">All endpoints of the service; another array means another list.</param>
    /// <param name="policy">The service's policy.</param>
    /// <param name="outliers">Its outlier detection policy.</param>
    /// <param name="own">The locality of this process.</param>
    public EndpointSet Select(Endpoint[] all, ServicePolicy policy, OutlierDetectionPolicy outliers, OwnLocality own)
    {
        var size = SizeFor(all.Length, policy);
        var plan = _plan?.IsFor(all, own, size, policy.ZoneAware) == true ? _plan : new SelectionPlan(all, own, size, policy.ZoneAware);
        _plan = plan;

        var ejects = outliers.Enabled;
        Endpoint[] outs = [.. Outs(all, ejects)];
        var draining = Array.FindAll(outs, static endpoint => endpoint.IsDraining);
        var leaving = ejects ? Array.FindAll(draining, static endpoint => !endpoint.Health.IsEjected) : draining;
        var ejected = Array.FindAll(outs, static endpoint => !endpoint.IsDraining);
        var healthy = Healthy(all, outs.Length, IsUsable);

        // With a subset, the share of ejected endpoints refers to those that this process can come to know, not to the whole fleet.
        var judged = plan.KnownOf(all.Length - draining.Length);
        var builder = new SelectionBuilder(plan, own, all, healthy, IsUsable, outs);
        if (healthy.Length > 0)
        {
            builder.AddLevels(out var covered);
            if (judged - ejected.Length < judged * outliers.PanicThreshold && (plan.Levels.Length == 1 || !covered))
            {
                builder.Clear();
            }
        }
        else if (leaving.Length > 0)
        {
            // Endpoints that are about to leave still answer; the others are known not to.
            builder.Add(leaving);
        }

        var panic = builder.IsEmpty && ejected.Length > 0;
        if (builder.IsEmpty)
        {
            // With no endpoint left (the healthy ones have left the service) even a threshold of 0 means panic: trying beats certain
            // failure. Draining endpoints are used only if there are no others.
            builder.AddRegardless(draining.Length == all.Length ? static _ => true : static endpoint => !endpoint.IsDraining);
        }

        var inUse = builder.InUse;
        return new EndpointSet(
            all, inUse, ejected, draining, panic, NextTrial(outliers.Probe is null ? ejected : [], draining))
        {
            Healthy = healthy,
            Leaving = leaving,
            Groups = builder.Groups,
            Judged = judged,
            HasLevels = plan.Levels.Length > 1,
            StandbyCount = healthy.Length - inUse.Count(IsUsable),
            Growth = plan.IsSubset || Growth.Factor > 1 ? Growth : null,
        };

        bool IsUsable(Endpoint endpoint) => !endpoint.IsDraining && !(ejects && endpoint.Health.IsEjected);
    }

    /// <summary>A subset is used only if it is less than half of the whole.</summary>
    private int SizeFor(int count, ServicePolicy policy)
    {
        var size = (long)policy.SubsetSize * Growth.Factor;
        return size > 0 && count > 2 * size ? (int)size : SelectionPlan.Unlimited;
    }

    /// <summary>The endpoints that are draining or ejected; usually few.</summary>
    private static List<Endpoint> Outs(Endpoint[] all, bool ejects)
    {
        var outs = new List<Endpoint>();
        foreach (var endpoint in all)
        {
            if (endpoint.IsDraining || (ejects && endpoint.Health.IsEjected))
            {
                outs.Add(endpoint);
            }
        }

        return outs;
    }

    /// <summary>All other endpoints, in one copy.</summary>
    private static Endpoint[] Healthy(Endpoint[] all, int outs, Predicate<Endpoint> isUsable)
    {
        if (outs == 0)
        {
            return all;
        }

        var healthy = new Endpoint[all.Length - outs];
        var count = 0;
        foreach (var endpoint in all)
        {
            if (count < healthy.Length && isUsable(endpoint))
            {
                healthy[count++] = endpoint;
            }
        }

        return healthy;
    }

    /// <summary>When the first trial by a call is due. Where there are probes, ejected endpoints need none.</summary>
    private static MeshTime NextTrial(Endpoint[] ejected, Endpoint[] draining)
    {
        var next = MeshTime.Never;
        foreach (var endpoint in ejected)
        {
            if (!endpoint.Health.TrialInFlight)
            {
                next = MeshTime.Min(next, endpoint.Health.EjectedUntil);
            }
        }

        foreach (var endpoint in draining)
        {
            next = MeshTime.Min(next, endpoint.DrainingTrial);
        }

        return next;
    }
}
