using System.Diagnostics;
using Mesh.Client.Faults.Backends;
using Mesh.Client.Faults.Contenders;
using Mesh.Client.Faults.Load;
using Mesh.Client.Faults.Results;

namespace Mesh.Client.Faults.Scenarios;

/// <summary>Runs one contender through one scenario, on instances of its own.</summary>
internal static class ScenarioRunner
{
    public static async Task<ResultRow> RunAsync(Scenario scenario, Contender contender, TimeSpan duration)
    {
        var behaviours = contender == KnownContenders.Healthy
            ? scenario.Instances.Where(b => b == BackendBehaviour.Healthy)
            : scenario.Instances;

        await WarmUp.RunAsync(contender);
        await using var fleet = await Fleet.StartAsync(behaviours, scenario.ComparesShares);
        if (scenario.FreshApplications > 0)
        {
            var outcomes = new List<CallOutcome>();
            for (var i = 0; i < scenario.FreshApplications; i++)
            {
                await using var fresh = await ClientApplication.StartAsync(contender, fleet);
                outcomes.Add(await OpenLoop.MeasureAsync(() => fresh.Client.GetAsync("/"), Stopwatch.GetTimestamp()));
            }

            return ResultRow.From(scenario, contender, new LoadResult(outcomes), posts: null, await fleet.CountRequestsAsync());
        }

        await using var application = await ClientApplication.StartAsync(contender, fleet);
        var client = application.Client;

        if (scenario.SinglePost)
        {
            var outcome = await OpenLoop.MeasureAsync(() => client.PostAsync("/", new StringContent("order")), Stopwatch.GetTimestamp());
            return ResultRow.From(scenario, contender, new LoadResult([outcome]), fleet.Posts, requests: null);
        }

        var disturbance = scenario.Disturbance?.Invoke(fleet, duration) ?? Task.CompletedTask;
        var load = await OpenLoop.RunAsync(scenario.RequestsPerSecond, duration, () => client.GetAsync("/"));
        await disturbance;
        return ResultRow.From(scenario, contender, load, posts: null, scenario.ComparesShares ? await fleet.CountRequestsAsync() : null);
    }
}
