using Mesh.Client.Discovery;

namespace Mesh.Client.Balancing.Locality;

/// <summary>Lets a call leave its zone when even the best endpoint there is much slower than one elsewhere. No threshold of load is needed for that, and none of failures.</summary>
/// <remarks>
/// Judged by time, not by the cost that the policy chooses with: in that a single request under way outweighs everything, so that a zone would be left as soon as each of its
/// endpoints has one.
/// </remarks>
internal static class Spill
{
    /// <summary>It must be worth the way, and the guess.</summary>
    private const float Factor = 2;

    /// <summary>A time below this is taken for this, ms: the way to another zone and back is in it, also where nothing is known yet.</summary>
    private const float Least = 5;

    private const float WellAgain = 0.999f;

    /// <param name="policy">The service's policy.</param>
    /// <param name="near">What it has chosen in the zone.</param>
    /// <param name="elsewhere">One or more endpoints of other zones.</param>
    /// <param name="random">Chooses two of them.</param>
    /// <param name="now">Microseconds.</param>
    public static Endpoint Consider(ILoadBalancer policy, Endpoint near, Endpoint[] elsewhere, IRandomSource random, long now)
    {
        // Idle and well: nothing else is looked at.
        if ((near.Load.InFlight == 0 && near.Load.Success(now) >= WellAgain) || policy is not IEstimatesTime times)
        {
            return near;
        }

        var far = elsewhere[random.Next(elsewhere.Length)];
        var other = elsewhere[random.Next(elsewhere.Length)];
        var time = times.Estimate(far, now);
        if (times.Estimate(other, now) is var otherTime && otherTime < time)
        {
            (far, time) = (other, otherTime);
        }

        return times.Estimate(near, now) > Factor * Math.Max(time, Least) ? far : near;
    }
}
