using Mesh.Client.Primitives;
using Mesh.Client.Simulation.Model;

namespace Mesh.Client.Simulation.Policies;

/// <summary>The server that would work fastest on one more request, by its state at this moment, which no client can know.</summary>
internal sealed class OracleBalancer(Fleet fleet, IRandomSource random) : ILoadBalancer
{
    public int Pick(in EndpointCandidates candidates)
    {
        var best = 0;
        var bestCost = double.MaxValue;
        var ties = 0;
        for (var i = 0; i < candidates.Count; i++)
        {
            var cost = Cost(fleet.ServerOf(candidates.Endpoints[i]));
            if (cost < bestCost)
            {
                (best, bestCost, ties) = (i, cost, 1);
            }
            else if (cost == bestCost && random.Next(++ties) == 0)
            {
                best = i;
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
