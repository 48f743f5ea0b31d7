using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Outbound.Balancing.Locality;

/// <summary>The part of a selection that depends on the list of endpoints but not on their health: level, zone, and the order in which this
/// process prefers them.</summary>
/// <remarks>Built when the list changes, in a few passes over it; an ejection only walks along the orders kept here.</remarks>
internal sealed class SelectionPlan
{
    /// <summary>This multiple of the subset size is kept in order: the members, and the endpoints that replace members that are
    /// out.</summary>
    public const int Reach = 4;

    public const int Unlimited = int.MaxValue;

    private readonly Endpoint[] _all;
    private readonly OwnLocality _own;
    private readonly bool _zoneAware;

    public SelectionPlan(Endpoint[] all, OwnLocality own, int size, bool zoneAware)
    {
        (_all, _own, _zoneAware, Size) = (all, own, zoneAware, size);
        Levels = [.. LevelsOf(all).Select(level => new PlannedLevel(level, own, KnownOf(Unlimited), zoneAware))];
    }

    /// <summary>The number of endpoints that this process uses; <see cref="Unlimited"/> for all of them.</summary>
    public int Size { get; }

    public bool IsSubset => Size != Unlimited;

    /// <summary>By priority, the highest first.</summary>
    public PlannedLevel[] Levels { get; }

    public bool IsFor(Endpoint[] all, OwnLocality own, int size, bool zoneAware) =>
        ReferenceEquals(all, _all) && ReferenceEquals(own, _own) && size == Size && zoneAware == _zoneAware;

    /// <summary>The number of endpoints that this process may ever use, out of this many.</summary>
    public int KnownOf(int count) => IsSubset ? (int)Math.Min(count, (long)Reach * Size) : count;

    private static Endpoint[][] LevelsOf(Endpoint[] all) =>
        Array.TrueForAll(all, static endpoint => endpoint.Place.Priority == 0)
            ? [all]
            : [.. all.GroupBy(static endpoint => endpoint.Place.Priority).OrderBy(static level => level.Key)
                .Select(static level => level.ToArray())];
}
