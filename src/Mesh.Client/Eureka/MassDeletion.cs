using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Eureka;

/// <summary>Which instances are doubted to have left, because one answer takes too many away, and for how long.</summary>
/// <remarks>
/// A service that has as many instances up as before has lost nothing: an operator has exchanged one side of it for the other. The other
/// services must have lost more than half of all that were up, newcomers of the same services counted. Without newcomers that is to say:
/// more than half leave. Newcomers of other services replace nothing. Used by one flow at a time.
/// </remarks>
internal sealed class MassDeletion
{
    /// <summary>Below this many instances, more than half of them leaving is everyday life: two of three are being redeployed.</summary>
    private const int MinToSuspect = 10;

    // What was up when the doubts began; null without doubts.
    private UpCounts? _before;

    /// <summary>Whether so many can be doubted at all.</summary>
    /// <param name="leaving">How many leave.</param>
    /// <param name="up">How many were up before.</param>
    public static bool IsPossible(int leaving, int up) => up >= MinToSuspect && leaving * 2 > up;

    /// <summary>Those that are doubted from now on; empty for none.</summary>
    /// <param name="leaving">Those that were up, and are said to be gone, or are listed with another status.</param>
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

    /// <summary>Those whose service has as many instances as before the doubts.</summary>
    /// <param name="kept">All that are kept, doubted or not.</param>
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

    /// <summary>No instance is doubted any more.</summary>
    public void End() => _before = null;
}
