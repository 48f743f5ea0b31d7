using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Simulation.Model;
using Mesh.Client.Simulation.Policies;
using Mesh.Client.Simulation.Results;
using Mesh.Client.Simulation.Scenarios;

namespace Mesh.Client.Simulation.Tests;

/// <summary>Short runs of the scenarios: the whole ones are for the command.</summary>
public sealed class WorldTests
{
    [Fact]
    public void Run_same_seed_leaves_the_same_trace()
    {
        // With faults, so that ejections, retries and their delays are part of it.
        var hash = World.Run(Short("partfail"), Policy("Adaptive"), seed: 1).Hash;
        Assert.Equal(hash, World.Run(Short("partfail"), Policy("Adaptive"), seed: 1).Hash);
        Assert.NotEqual(hash, World.Run(Short("partfail"), Policy("Adaptive"), seed: 2).Hash);
    }

    [Fact]
    public void Run_other_policy_meets_the_same_requests()
    {
        var some = World.Run(Short("steady"), Policy("RoundRobin/lb"), seed: 1).Calls.Select(c => c.Arrived).Order();
        Assert.Equal(some, World.Run(Short("steady"), Policy("LeastRequest/lb"), seed: 1).Calls.Select(c => c.Arrived).Order());
    }

    /// <summary>The simulation has no copy of the product's rules: each of these is a constant or setting of the product alone.</summary>
    [Theory]
    [InlineData("full scan")]
    [InlineData("ejection")]
    [InlineData("retries")]
    [InlineData("budget")]
    [InlineData("attempt timeout")]
    [InlineData("subset")]
    public void Run_changed_constant_of_the_product_changes_what_happens(string constant)
    {
        // Round robin runs into so many failures that what the budget gives without first attempts does not suffice.
        var before =
            Policy(constant == "budget" ? "RoundRobin" : "Adaptive") with
            {
                Configure = o =>
                o.OutlierDetection.Enabled = constant != "budget"
            };
        var after = constant switch
        {
            "full scan" => before with { Create = world => new AdaptiveBalancer(world.Random, fullScanLimit: 19) },
            "ejection" => before with { Configure = o => o.OutlierDetection.ConsecutiveFailures = 1 },
            "subset" => before with { Configure = o => o.LoadBalancing.SubsetSize = 5 },
            "retries" => before with { Configure = o => o.Retry.MaxRetries = 0 },
            "budget" => before with { Configure = o => (o.OutlierDetection.Enabled, o.Retry.BudgetRatio) = (false, 0) },
            _ => before with { Configure = o => o.AttemptTimeout = TimeSpan.FromMilliseconds(20) },
        };
        var scenario = Short("partfail") with { Faults = [new FastFail(6, 0.4, 1) { At = 2_000, Until = 3_500 }] };
        Assert.NotEqual(World.Run(scenario, before, seed: 1).Hash, World.Run(scenario, after, seed: 1).Hash);
    }

    [Theory]
    [InlineData("steady")]
    [InlineData("dead")]
    [InlineData("rolling")]
    [InlineData("storm5")]
    [InlineData("trigger")]
    public void Run_counts_of_requests_in_flight_return_to_zero(string scenario)
    {
        Assert.Equal(0, World.Run(Short(scenario), Policy("Adaptive"), seed: 1).LeftInFlight);
    }

    [Fact]
    public void Run_oracle_waits_hardly_at_all()
    {
        // The 99th percentile of exponential work with a mean of 10 ms is 46.05 ms, and the network takes 0.5.
        var row = Assert.Single(WindowSummary.Of(World.Run(Short("steady"), KnownPolicies.Oracle, seed: 1)));
        Assert.InRange(row.P99, 44, 49);
        Assert.Equal(0, row.Errors);
        Assert.InRange(row.Goodput, 0.72, 0.78);
    }

    [Fact]
    public void Run_latency_alone_is_drawn_into_servers_that_fail_fast()
    {
        // The simulation must be able to show the faults that policies have: this one is known of peak EWMA.
        Assert.InRange(Errors("FinaglePeakEwma/lb"), 0.055, 0.3);
        Assert.InRange(Errors("PeakEwma/lb"), 0, 0.01);
        Assert.InRange(Errors("RoundRobin/lb"), 0.045, 0.055);
        Assert.InRange(Errors("Adaptive/lb"), 0, 0.01);
    }

    [Fact]
    public void Run_reports_of_the_servers_shorten_the_tail()
    {
        var results =
            SimulationRuns.RunAll(
                [Short("steady", size: 40)],
                [Policy("Adaptive/lb"), Policy("Adaptive/no-reports"), Policy("Adaptive/half-report")], [1, 2]);
        Assert.InRange(results.P99Ratio("steady", "all", "Adaptive/lb")!.Value, 1.1, 1.4);
        Assert.InRange(results.P99Ratio("steady", "all", "Adaptive/no-reports")!.Value, 1.4, 1.7);

        // Half of them are worse than none, unless they are left alone.
        Assert.InRange(results.P99Ratio("steady", "all", "Adaptive/half-report")!.Value, 1.4, 1.7);
    }

    [Fact]
    public void RunAll_rows_stand_beside_the_oracle_of_their_seed()
    {
        var results = SimulationRuns.RunAll([Short("steady", size: 40)], [Policy("Adaptive/lb"), Policy("LeastRequest/lb")], [1, 2]);
        Assert.Equal(6, results.Rows.Count);
        Assert.All(results.Rows, r => Assert.Equal(results.Rows.Single(o => o.Policy == "Oracle" && o.Seed == r.Seed).P99, r.OracleP99));
        Assert.Equal(1, results.P99Ratio("steady", "all", "Oracle"));
        Assert.InRange(results.P99Ratio("steady", "all", "Adaptive/lb")!.Value, 1.1, 1.9);
        Assert.InRange(results.P99Ratio("steady", "all", "LeastRequest/lb")!.Value, 2, 3);
    }

    private static double Errors(string policy) =>
        WindowSummary.Of(World.Run(Short("fastfail", size: 40, until: 6_000), Policy(policy), seed: 1))
            .Single(r => r.Window == "fault").Errors;

    private static SimulatedPolicy Policy(string name) => KnownPolicies.All.Single(p => p.Name == name);

    /// <summary>The same events in less time, and with fewer servers: faults and windows begin after two seconds and are short.</summary>
    private static Scenario Short(string id, int size = 20, double until = 3_500)
    {
        var scenario = KnownScenarios.All.Single(s => s.Id == id);
        const double from = 2_000;
        var end = until + 1_000;
        return scenario with
        {
            Clients = size,
            Servers = size,
            DurationMs = end,
            WarmUpMs = from,
            Load = [.. scenario.Load.Select(step => (step.From == 0 ? 0 : step.From == 10_000 ? from : until, step.Load))],
            Faults = [.. scenario.Faults.Select(f => f is Rolling ? f with { At = from } : f with { At = from, Until = until })],
            Windows = scenario.Windows.Length == 0 ? [] : [new("fault", from, until), new("after", until, end)],
        };
    }
}
