using Mesh.Client.Simulation.Model;
using Mesh.Client.Simulation.Policies;
using Mesh.Client.Simulation.Scenarios;

namespace Mesh.Client.Simulation.Results;

/// <summary>How many of 10,000 servers each of 10,000 clients may choose from, and how many connections a new server costs.</summary>
/// <remarks>A few clients of the product stand for all of them. It is no run: only the lists of endpoints matter.</remarks>
internal sealed record SubsetStudy(double MostOverMean, double ConnectionsForNewServer)
{
    private const int Servers = 10_000;
    private const int Clients = 10_000;
    private const int Sample = 4;

    private static readonly Lazy<SubsetStudy> Product = new(Measure);

    /// <summary>Null for a policy that is not the product's default.</summary>
    public static SubsetStudy? For(string policy) => policy == "Adaptive" ? Product.Value : null;

    private static SubsetStudy Measure()
    {
        var chosenBy = new int[Servers + 1];
        var added = 0;
        for (var i = 0; i < Sample; i++)
        {
            var before = Candidates(Servers);
            var after = Candidates(Servers + 1);
            Array.ForEach(before, server => chosenBy[server]++);
            added += after.Except(before).Count();
        }

        return new SubsetStudy(chosenBy.Max() / chosenBy.Take(Servers).Average(), added * (double)Clients / Sample);
    }

    private static int[] Candidates(int servers)
    {
        var scenario = new Scenario("subset", "") { Clients = 1, Servers = servers };
        return World.FirstView(scenario, KnownPolicies.All.First(p => p.Name == "Adaptive"));
    }
}
