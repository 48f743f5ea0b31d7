using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Eureka;

/// <summary>Which departures are suspected, because one answer removes too many instances, and for how long.</summary>
/// <remarks>
/// A service with as many instances up as before has lost nothing: an operator has switched it from one group of instances to another. The
/// other services must have lost more than half of all instances that were up; newcomers of the same services are counted. Without
/// newcomers this means: more than half leave. Newcomers of other services replace nothing. Used by one flow at a time.
/// </remarks>
internal sealed class MassDeletion
{
    /// <summary>Below this number, losing more than half is ordinary: two of three instances are being redeployed.</summary>
    private const int MinToSuspect = 10;

    // The instances that were up when the suspicion began; null without one.
    private UpCounts? _before;

    /// <summary>Whether so many departures can be suspected at all.</summary>
    /// <param name="leaving">How many leave.</param>
    /// <param name="up">How many were up before.</param>
    public static bool IsPossible(int leaving, int up) => up >= MinToSuspect && leaving * 2 > up;

    /// <summary>The instances suspected from now on; may be empty.</summary>
    /// <param name="leaving">Instances that were up and are now reported as gone, or listed with another status.</param>
    /// <param name="before">All that were up before the answer.</param>
    /// <param name="after">All that are up after it.</param>
    public EurekaInstance[] Doubt(
        IReadOnlyCollection<EurekaInstance> leaving, IReadOnlyCollection<EurekaInstance> before, IReadOnlyCollection<EurekaInstance> after)
    {
        var (then, now) = (new UpCounts(before), new UpCounts(after));
        var lost = leaving.Where(instance => !now.Replace(instance, then)).ToArray();
        if (!IsPossible(lost.Length, before.Count))
        {
            return [];
        }

        var services = lost.SelectMany(UpCounts.ServicesOf).ToHashSet(StringComparer.Ordinal);
        if ((before.Count(IsAffected) - after.Count(IsAffected)) * 2 <= before.Count)
        {
            return [];
        }

        if (_before is { } earlier)
        {
            earlier.Raise(then);
        }
        else
        {
            _before = then;
        }

        return lost;

        bool IsAffected(EurekaInstance instance) => UpCounts.ServicesOf(instance).Any(services.Contains);
    }

    /// <summary>The retained instances of services that have as many instances as before the suspicion.</summary>
    /// <param name="kept">All retained instances, suspected or not.</param>
    /// <param name="up">All that are listed as up.</param>
    public RetainedInstance[] Replaced(IEnumerable<RetainedInstance> kept, IEnumerable<EurekaInstance> up)
    {
        if (_before is not { } before)
        {
            return [];
        }

        var now = new UpCounts(up);
        return [.. kept.Where(kept => kept.Suspected && now.Replace(kept.Instance, before))];
    }

    /// <summary>No instance is suspected any more.</summary>
    public void End() => _before = null;
}
