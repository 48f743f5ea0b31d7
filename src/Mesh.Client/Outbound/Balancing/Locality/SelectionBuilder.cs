using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Outbound.Balancing.Locality;

/// <summary>Builds the groups of a selection. Used once.</summary>
/// <param name="plan">The endpoints by level and zone, in order.</param>
/// <param name="own">The locality of this process.</param>
/// <param name="all">All endpoints.</param>
/// <param name="healthy">The usable endpoints.</param>
/// <param name="isUsable">Whether an endpoint is usable.</param>
/// <param name="outs">The unusable endpoints.</param>
internal sealed class SelectionBuilder(
    SelectionPlan plan, OwnLocality own, Endpoint[] all, Endpoint[] healthy, Predicate<Endpoint> isUsable, Endpoint[] outs)
{
    /// <summary>Minimum number of endpoints of the own zone in a subset, however small its share.</summary>
    private const int MinLocal = 12;

    /// <summary>Endpoints of other zones that stay in the subset even if all calls stay in the own zone: for retries, and for when the own
    /// zone is slow.</summary>
    private const int MinElsewhere = 8;

    private const float MinReporting = 0.9f;

    private readonly List<EndpointGroup> _groups = [];
    private readonly List<Endpoint> _further = [];

    public bool IsEmpty => _groups.Count == 0;

    public EndpointGroup[] Groups => [.. _groups];

    /// <summary>All endpoints that calls may go to.</summary>
    public Endpoint[] InUse =>
        _groups is [var only] && _further.Count == 0
            ? only.Endpoints
            : [.. _groups.SelectMany(static group => group.Endpoints), .. _further];

    public void Clear()
    {
        _groups.Clear();
        _further.Clear();
    }

    /// <summary>Adds one group, regardless of level and zone.</summary>
    public void Add(Endpoint[] endpoints)
    {
        if (endpoints.Length > 0)
        {
            _groups.Add(new EndpointGroup(endpoints, 1, []));
        }
    }

    /// <summary>Adds one group over all levels, including ejected endpoints.</summary>
    public void AddRegardless(Predicate<Endpoint> condition) =>
        Add(plan.Levels is [var only] ? Window(only.Nearest, plan.Size, condition)
            : [.. plan.Levels.SelectMany(level => Window(level.Nearest, plan.Size, condition))]);

    /// <summary>Adds the usable endpoints, by level and zone.</summary>
    /// <param name="covered">Whether the usable endpoints suffice for all calls.</param>
    public void AddLevels(out bool covered)
    {
        var shares = PriorityShares.Of(
            [.. plan.Levels.Select(level => (level.Count,
                level.Count - Lost(level.Count, outs.Count(e => e.Place.Priority == level.Priority))))],
            out covered);
        for (var i = 0; i < shares.Length; i++)
        {
            if (shares[i] > 0 && !AddZones(plan.Levels[i], shares[i]))
            {
                Add(Window(plan.Levels[i].Nearest, plan.Size, isUsable), shares[i], []);
            }
        }

        if (IsEmpty)
        {
            // All endpoints of the subset are out, and there are others.
            Add(healthy);
        }

        Normalize();
    }

    private bool AddZones(PlannedLevel level, double share)
    {
        if (level.Zones.Length == 0 || ZoneShares.Of(own, local: 0, Capacities(level)) is not { } shares)
        {
            return false;
        }

        var near = Window(level.Zones[0].Nearest, Math.Max(MinLocal, Part(shares[0])), isUsable);
        if (near.Length == 0)
        {
            return false;
        }

        if (shares[0] >= 1)
        {
            var standing = Window(level.Elsewhere, plan.IsSubset ? MinElsewhere : SelectionPlan.Unlimited, isUsable);
            _further.AddRange(standing);
            Add(near, share, standing);
            return true;
        }

        Endpoint[][] far =
            [.. level.Zones.Select((zone, i) => i > 0 && shares[i] > 0 ? Window(zone.Nearest, Part(shares[i]), isUsable) : [])];
        Add(near, share * shares[0], [.. far.SelectMany(static zone => zone)]);
        for (var i = 1; i < far.Length; i++)
        {
            Add(far[i], share * shares[i], []);
        }

        return true;
    }

    private void Add(Endpoint[] endpoints, double share, Endpoint[] elsewhere)
    {
        if (endpoints.Length > 0 && share > 0)
        {
            _groups.Add(new EndpointGroup(endpoints, share, elsewhere));
        }
    }

    /// <summary>Capacity of a zone: the number of its usable endpoints; if all report their service times, the requests that these
    /// allow.</summary>
    private (string Name, int Usable, double Capacity)[] Capacities(PlannedLevel level)
    {
        var zones = new (string Name, int Usable, double Capacity)[level.Zones.Length];
        var speeds = new double[zones.Length];
        for (var i = 0; i < zones.Length; i++)
        {
            var zone = level.Zones[i];
            var usable = zone.Count - Lost(zone.Count, outs.Count(e => e.Place.Priority == level.Priority && e.Place.Zone == zone.Name));
            zones[i] = (zone.Name, usable, usable);
            speeds[i] = SpeedOf(zone);
        }

        if (Array.TrueForAll(speeds, static speed => speed > 0))
        {
            for (var i = 0; i < zones.Length; i++)
            {
                zones[i].Capacity *= speeds[i];
            }
        }

        return zones;
    }

    /// <summary>Mean requests per millisecond that an endpoint can serve; 0 if too few report.</summary>
    private static double SpeedOf(PlannedZone zone)
    {
        var sum = 0.0;
        var reporting = 0;
        foreach (var endpoint in zone.Nearest)
        {
            if (endpoint.Load is { Reports: true, ServiceTime: > 0 and var time })
            {
                sum += 1 / time;
                reporting++;
            }
        }

        return reporting > 0 && reporting >= zone.Nearest.Length * MinReporting ? sum / reporting : 0;
    }

    /// <summary>How many of all endpoints to count as lost, extrapolated from the known ones.</summary>
    private int Lost(int count, int known) => count == 0 ? 0 : (int)Math.Min(count, (long)known * count / plan.KnownOf(count));

    private int Part(double share) => plan.IsSubset ? Math.Max(1, (int)Math.Ceiling(plan.Size * share)) : SelectionPlan.Unlimited;

    /// <summary>
    /// The first endpoints in order: as many as requested, and more if over a third of those would be missing. So each endpoint that goes
    /// out beyond a third brings in one more, each one that returns removes the last one, and all others stay.
    /// </summary>
    private Endpoint[] Window(Endpoint[] nearest, int size, Predicate<Endpoint> condition)
    {
        if (size >= nearest.Length)
        {
            return ReferenceEquals(nearest, all) && condition == isUsable ? healthy : Array.FindAll(nearest, condition);
        }

        var least = size - (size / 3);
        var window = new List<Endpoint>(size);
        for (var i = 0; i < nearest.Length && (i < size || window.Count < least); i++)
        {
            if (condition(nearest[i]))
            {
                window.Add(nearest[i]);
            }
        }

        return [.. window];
    }

    private void Normalize()
    {
        var sum = _groups.Sum(static group => group.Share);
        for (var i = 0; i < _groups.Count && sum < 1; i++)
        {
            _groups[i] = new EndpointGroup(_groups[i].Endpoints, _groups[i].Share / sum, _groups[i].Elsewhere);
        }
    }
}
