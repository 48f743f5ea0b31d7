using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing.Locality;

/// <summary>Lets a call leave its zone when even the best endpoint there is much slower than one elsewhere. No threshold of load is needed
/// for that, and none of failures.</summary>
/// <remarks>
/// Judged by time, not by the cost that the policy chooses with: in that a single request under way outweighs everything, so that a zone
/// would be left as soon as each of its endpoints has one. Where nothing is known of an endpoint elsewhere, a request may find out, unless
/// the one here is idle and well.
/// </remarks>
internal static class ZoneSpillover
{
    /// <summary>It must be worth the way, and the guess.</summary>
    private const float Factor = 2;

    /// <summary>A time below this is taken for this, ms: the way to another zone and back is in
    /// it, also where nothing is known yet.</summary>
    private const float MinLatencyMs = 5;

    private const float WellAgain = 0.999f;

    /// <summary>So many endpoints elsewhere are looked at, by chance: the best of all would draw every caller's calls.</summary>
    private const int Looks = 2;

    /// <param name="policy">The service's policy.</param>
    /// <param name="near">What it has chosen in the zone.</param>
    /// <param name="elsewhere">One or more endpoints of other zones.</param>
    /// <param name="random">Chooses among them.</param>
    /// <param name="now">When the choice is made.</param>
    public static Endpoint Consider(ILoadBalancer policy, Endpoint near, Endpoint[] elsewhere, IRandomSource random, MeshTime now)
    {
        // Quick enough, as in nearly every call: nothing else is looked at.
        if (policy is not IEstimatesTime times || times.Estimate(near, now) is var time && time <= Factor * MinLatencyMs)
        {
            return near;
        }

        var best = near;
        var limit = time / Factor;
        var mayLook = near.Load.InFlight > 0 || near.Load.Success(now) < WellAgain;
        for (var i = 0; i < Looks; i++)
        {
            var far = elsewhere[random.Next(elsewhere.Length)];
            var there = times.Estimate(far, now);
            if (there == 0 && !mayLook)
            {
                continue;
            }

            there = Math.Max(there, MinLatencyMs);
            if (there < limit)
            {
                (best, limit) = (far, there);
            }
        }

        return best;
    }
}
