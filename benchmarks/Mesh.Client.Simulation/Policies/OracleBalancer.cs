using Mesh.Client.Balancing;
using Mesh.Client.Discovery;
using Mesh.Client.Simulation.Model;

namespace Mesh.Client.Simulation.Policies;

/// <summary>The server that would work fastest on one more request, by its state at this moment, which no client can know.</summary>
internal sealed class OracleBalancer(Fleet fleet, IRandomSource random) : ILoadBalancer
{
    public Endpoint Pick(ReadOnlySpan<Endpoint> candidates, long now)
    {
        var best = candidates[0];
        var bestCost = double.MaxValue;
        var ties = 0;
        foreach (var endpoint in candidates)
        {
            var cost = Cost(fleet.ServerOf(endpoint));
            if (cost < bestCost)
            {
                (best, bestCost, ties) = (endpoint, cost, 1);
            }
            else if (cost == bestCost && random.Next(++ties) == 0)
            {
                best = endpoint;
            }
        }

        return best;
    }

    private static double Cost(Server server)
    {
        var requests = server.InSystem + server.OnTheWay;
        var share = Math.Max(1.0, (requests + 1.0) / server.Workers);
        var speed = server.IsSound ? server.Speed : 0;

        // Among those that work equally fast the emptiest, which stays fast when more come.
        return speed == 0 ? 1e9 + requests : (share / speed) + (1e-3 * requests / server.Workers);
    }
}
