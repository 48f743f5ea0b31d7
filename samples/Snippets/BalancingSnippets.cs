using Mesh.Client;
using Microsoft.Extensions.Configuration;

namespace Snippets;

// snippet: own-policy
/// <summary>The fewest requests in flight, in the own rack before all others: those in it share the switch.</summary>
internal sealed class RackFirst(IConfiguration configuration) : ILoadBalancerFactory, ILoadBalancer
{
    private readonly string? _rack = configuration["Rack"];

    public string Name => "RackFirst";

    public ILoadBalancer Create(string service) => this;

    public int Pick(in EndpointCandidates candidates)
    {
        var best = 0;
        var least = int.MaxValue;
        for (var i = 0; i < candidates.Count; i++)
        {
            var candidate = candidates[i];
            var away = candidate.Description.Labels.GetValueOrDefault("rack") == _rack ? 0 : 1_000;
            if (candidate.InFlight + away < least)
            {
                (best, least) = (i, candidate.InFlight + away);
            }
        }

        return best;
    }
}
// end

internal static class BalancingSnippets
{
    public static void OwnPolicy(IServiceCollection services)
    {
        // snippet: add-own-policy
        services.AddSingleton<ILoadBalancerFactory, RackFirst>();
        services.AddMesh().AddService("cache", cache =>
            cache.LoadBalancing.Policy = "RackFirst");
        // end
    }
}
