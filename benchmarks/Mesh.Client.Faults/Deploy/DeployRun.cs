using System.Diagnostics;
using System.Net;
using Mesh.Client.Faults.Deploy.Fleet;
using Mesh.Client.Faults.Deploy.Load;
using Mesh.Client.Faults.Deploy.Results;
using Mesh.Client.Faults.Deploy.Roles;

namespace Mesh.Client.Faults.Deploy;

/// <summary>Takes one contender through one scenario.</summary>
internal sealed class DeployRun(DeployScenario scenario, DeployContender contender, DeployTimes times, DeployFleet fleet)
{
    /// <param name="everybodyIsReady">Given the contender's own readiness; completes when all are, so
    /// that the deaths are at the same moments.</param>
    /// <param name="cancellation">Ends it early, with an exception.</param>
    public async Task<DeployRow> RunAsync(Func<Task> everybodyIsReady, CancellationToken cancellation)
    {
        await fleet.StartAsync(cancellation);
        await using var caller = await OrderCaller.StartAsync(scenario, contender, fleet, cancellation);
        var load = new OrderLoad(caller.Client, scenario.Http2 ? HttpVersion.Version20 : HttpVersion.Version11);
        await load.WarmUpAsync();
        if (scenario.RegistryDown)
        {
            await fleet.KillRegistryAsync(cancellation);
        }

        await everybodyIsReady();
        using var stop = new CancellationTokenSource();
        var loading = load.RunAsync(stop.Token);
        try
        {
            await ReplaceAllAsync(cancellation);
        }
        finally
        {
            await stop.CancelAsync();
        }

        return DeployRow.From(scenario, contender, await loading, Ledger.ReadAll(fleet.Folder));
    }

    private async Task ReplaceAllAsync(CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < DeployFleet.Size; i++)
        {
            await WaitUntilAsync(times.BeginOf(i));
            var what = await fleet.ReplaceAsync(i, cancellation);
            await Console.Error.WriteLineAsync(
                FormattableString.Invariant($"  {Stopwatch.GetElapsedTime(start).TotalSeconds,5:0.0} s {contender.Name,-5} {what}"));
        }

        await Task.Delay(times.Rest, cancellation);
        await WaitUntilAsync(times.Duration);

        Task WaitUntilAsync(TimeSpan when) =>
            when - Stopwatch.GetElapsedTime(start) is var wait && wait > TimeSpan.Zero
                ? Task.Delay(wait, cancellation)
                : Task.CompletedTask;
    }
}
