using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing.Locality;

/// <summary>Lets a call leave its zone if even the best endpoint there is much slower than one elsewhere. It needs no threshold of load or
/// failures.</summary>
/// <remarks>
/// It compares times, not the policy's costs: in those a single request in flight outweighs everything, so that calls would leave a zone as
/// soon as each of its endpoints has one. If nothing is known about an endpoint elsewhere, a request may go there for data, unless the one
/// here is idle and healthy.
/// </remarks>
internal static class ZoneSpillover
{
    /// <summary>The gain must be worth the distance and the uncertainty of the estimate.</summary>
    private const float Factor = 2;

    /// <summary>A shorter time counts as this, ms: it includes the round trip to another zone, even if nothing is known yet.</summary>
    private const float MinLatencyMs = 5;

    private const float WellAgain = 0.999f;

    /// <summary>This many random endpoints elsewhere are compared: the best of all would attract every caller's calls.</summary>
    private const int Looks = 2;

    /// <param name="policy">The service's policy.</param>
    /// <param name="near">The endpoint picked in the zone.</param>
    /// <param name="elsewhere">One or more endpoints of other zones.</param>
    /// <param name="random">Picks among them.</param>
    /// <param name="now">When the choice is made.</param>
    public static Endpoint Consider(ILoadBalancer policy, Endpoint near, Endpoint[] elsewhere, IRandomSource random, MeshTime now)
    {
        // Fast enough, as in nearly every call: nothing else is compared.
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
