using Mesh.Client.Simulation.Results;

namespace Mesh.Client.Simulation.Tests;

/// <summary>Smaller than what the gate asks of the command, and the same code.</summary>
public sealed class SubsetStudyTests
{
    [Theory]
    [InlineData(500, 500)]
    [InlineData(700, 300)]
    [InlineData(200, 1_000)]
    public void Measure_servers_have_as_many_clients_each_and_changes_cost_few_connections(int servers, int clients)
    {
        var study = SubsetStudy.Measure(servers, clients);
        var each = clients * (double)SubsetStudy.Size / servers;
        Assert.InRange(study.MostOverMean, 1, 1.1 + (1 / each));
        Assert.InRange(study.ForNewServer, each / 3, (each * 1.2) + 1);
        Assert.InRange(study.ForLostServer, each / 2, (each * 1.2) + 1);
        Assert.Equal(0, study.ForNewClient);
    }
}
