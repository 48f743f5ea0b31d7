using Mesh.Client.Simulation.Policies;
using Mesh.Client.Simulation.Results;
using Mesh.Client.Simulation.Scenarios;

namespace Mesh.Client.Simulation.Tests;

public sealed class SimulationCommandTests
{
    [Fact]
    public void Parse_all_is_everything_that_is_known()
    {
        var command = SimulationCommand.Parse(["--scenario", "all", "--policies", "all", "--seeds", "2", "--json", "out.json"]);
        Assert.Equal(KnownScenarios.All, command.Scenarios);
        Assert.Equal(KnownPolicies.All, command.Policies);
        Assert.Equal([1, 7920], command.Seeds);
        Assert.Equal("out.json", command.JsonFile);
    }

    [Fact]
    public void Parse_family_stands_for_its_members()
    {
        var command = SimulationCommand.Parse(["--policies", "adaptive,RoundRobin/lb", "--held-out", "--seeds", "1"]);
        Assert.Equal(
            ["Adaptive", "Adaptive/lb", "Adaptive/sampled", "Adaptive/ring-20", "Adaptive/rendezvous-20", "Adaptive/no-reports",
                "Adaptive/half-report", "RoundRobin/lb"],
            command.Policies.Select(p => p.Name));
        Assert.Equal([15_839], command.Seeds);
    }

    [Theory]
    [InlineData("--scenario", "stedy")]
    [InlineData("--policies", "")]
    [InlineData("--seeds", "0")]
    [InlineData("--json")]
    [InlineData("--fast")]
    public void Parse_what_it_does_not_understand_is_an_error(params string[] args)
    {
        Assert.Throws<ArgumentException>(() => SimulationCommand.Parse(args));
    }

    [Fact]
    public void Holds_judges_the_mean_of_the_seeds()
    {
        var gate = new Gate("X", "", "", Condition.P99("steady", "all", 1.5), Condition.Errors("steady", "all", 0.001));
        Assert.True(GateTable.Holds(gate, "Adaptive", Rows((140, 0), (160, 0.002)), heldOut: false));
        Assert.False(GateTable.Holds(gate, "Adaptive", Rows((150, 0), (160, 0)), heldOut: false));
        Assert.True(GateTable.Holds(gate, "Adaptive", Rows((150, 0), (160, 0)), heldOut: true));
        Assert.False(GateTable.Holds(gate, "Adaptive", Rows((100, 0.01), (100, 0)), heldOut: true));
        Assert.Null(GateTable.Holds(gate, "RoundRobin", Rows((100, 0), (100, 0)), heldOut: false));
    }

    [Fact]
    public void Write_tables_show_what_was_run_and_what_was_missed()
    {
        var output = new StringWriter();
        ResultTables.Write(output, Rows((170, 0), (170, 0)), [KnownScenarios.All[0]]);
        GateTable.Write(output, Rows((170, 0), (170, 0)), heldOut: false);
        Assert.Contains("| Oracle | 1.00 | 1.00 |", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("| p99 of the oracle, ms | 100.0 |", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("| G2 dense | lb | dense p99 1.20x | - |", output.ToString(), StringComparison.Ordinal);
    }

    private static ResultSet Rows(params (double P99, double Errors)[] seeds) => new([.. seeds.SelectMany((s, i) => new[]
    {
        new ResultRow("steady", "all", "Oracle", i, 10, 100, 100, 100, 0, 1, 1),
        new ResultRow("steady", "all", "Adaptive", i, 10, s.P99, s.P99, 100, s.Errors, 1, 1),
    })]);
}
