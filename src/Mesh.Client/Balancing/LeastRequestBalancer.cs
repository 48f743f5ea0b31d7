using Mesh.Client.Discovery;

namespace Mesh.Client.Balancing;

/// <summary>The one with fewer requests in flight of two different endpoints chosen at random (power of two choices, Mitzenmacher 1996).</summary>
internal sealed class LeastRequestBalancer(IRandomSource random) : ILoadBalancer
{
    public Endpoint Pick(ReadOnlySpan<Endpoint> candidates, long now)
    {
        if (candidates.Length == 1)
        {
            return candidates[0];
        }

        var i = random.Next(candidates.Length);
        var j = random.Next(candidates.Length - 1);
        if (j >= i)
        {
            j++;
        }

        var first = candidates[i];
        var second = candidates[j];
        return second.Load.InFlight < first.Load.InFlight ? second : first;
    }
}
