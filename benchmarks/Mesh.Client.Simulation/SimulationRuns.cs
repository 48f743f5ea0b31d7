using Mesh.Client.Simulation.Model;
using Mesh.Client.Simulation.Policies;
using Mesh.Client.Simulation.Results;
using Mesh.Client.Simulation.Scenarios;

namespace Mesh.Client.Simulation;

/// <summary>Runs every scenario with every policy and seed, and the oracle beside them. Runs
/// share nothing, so several go on at once.</summary>
internal static class SimulationRuns
{
    public static ResultSet RunAll(
        IReadOnlyList<Scenario> scenarios, IReadOnlyList<SimulatedPolicy> policies, IReadOnlyList<int> seeds, Action<RunResult>? ended =
            null)
    {
        var runs = (
            from scenario in scenarios
            from policy in policies.Prepend(KnownPolicies.Oracle).Distinct()
            from seed in seeds
            select (Scenario: scenario, Policy: policy, Seed: seed)).ToArray();

        var results = new IReadOnlyList<ResultRow>[runs.Length];
        Parallel.For(0, runs.Length, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            var run = World.Run(runs[i].Scenario, runs[i].Policy, runs[i].Seed);
            results[i] = [.. WindowSummary.Of(run)];
            ended?.Invoke(run);
        });

        var rows = results.SelectMany(r => r).ToList();
        var oracle = rows.Where(r => r.Policy == KnownPolicies.Oracle.Name).ToDictionary(r => (r.Scenario, r.Window, r.Seed), r => r.P99);
        return new ResultSet([.. rows.Select(r => r with { OracleP99 = oracle[(r.Scenario, r.Window, r.Seed)] })]);
    }
}
