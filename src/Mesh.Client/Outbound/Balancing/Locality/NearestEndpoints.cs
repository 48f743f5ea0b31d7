using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing.Locality;

/// <summary>The order in which a process prefers the endpoints of a service, up to a given length.</summary>
/// <remarks>
/// With ordinals: endpoints and processes lie on a ring, each at its ordinal with the bits reversed (a van der Corput sequence; after Ward
/// et al., Reinventing Backend Subsetting at Google, ACM Queue 20(5), 2022); a process takes the endpoints that follow it. Every endpoint
/// then has the same number of callers. Without ordinals: rendezvous hashing (Thaler, Ravishankar 1996), where this number varies by
/// chance. In both, an endpoint that comes or goes changes one place in the subsets that contain it, and none in others.
/// </remarks>
internal static class NearestEndpoints
{
    /// <summary>The ring is used if this share of the endpoints have an ordinal; the others are placed by their hash.</summary>
    private const double MinWithOrdinal = 0.9;

    /// <summary>The first endpoints in the order of this process. One pass: an endpoint too far
    /// down the order costs one comparison.</summary>
    /// <param name="endpoints">All endpoints.</param>
    /// <param name="own">The locality of this process.</param>
    /// <param name="count">The length of the result.</param>
    public static Endpoint[] Of(ReadOnlySpan<Endpoint> endpoints, OwnLocality own, int count)
    {
        count = Math.Min(count, endpoints.Length);
        if (count == 0)
        {
            return [];
        }

        // The best so far, and room for as many again. Sorted when full, which happens more and more rarely.
        var room = (int)Math.Min(2L * count, endpoints.Length);
        var keys = new ulong[room];
        var best = new Endpoint[room];
        var kept = 0;
        var limit = ulong.MaxValue;
        var start = UsesRing(endpoints, own) ? (ulong)own.Ring!.Value << 32 : (ulong?)null;
        var seed = StableHash.Mix(own.Seed);
        foreach (var endpoint in endpoints)
        {
            var place = endpoint.Place;
            var key = start is { } from ? unchecked(place.Position - from) : StableHash.Mix(place.Hash ^ seed);
            if (key > limit)
            {
                continue;
            }

            keys[kept] = key;
            best[kept++] = endpoint;
            if (kept == room && room > count)
            {
                Array.Sort(keys, best);
                kept = count;
                limit = keys[count - 1];
            }
        }

        Array.Sort(keys, best, 0, kept);
        return best[..Math.Min(kept, count)];
    }

    public static bool UsesRing(ReadOnlySpan<Endpoint> endpoints, OwnLocality own)
    {
        if (own.Ring is null)
        {
            return false;
        }

        var with = 0;
        foreach (var endpoint in endpoints)
        {
            with += endpoint.Place.HasOrdinal ? 1 : 0;
        }

        return with >= endpoints.Length * MinWithOrdinal;
    }
}
