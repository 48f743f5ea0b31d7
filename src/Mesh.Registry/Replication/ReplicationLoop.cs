using Mesh.Registry.Store;
using Mesh.Registry.Telemetry;
using Microsoft.Extensions.Hosting;

namespace Mesh.Registry.Replication;

/// <summary>Copies the peers before this registry serves, and then passes on its changes until the application stops.</summary>
internal sealed partial class ReplicationLoop(
    Replicator replicator,
    RegistryStore store,
    WarmUp warmUp,
    RegistrySettings settings,
    TimeProvider time,
    GuardedLogger<ReplicationLoop> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // The server opens its port after the hosted services have started: until then clients use the other registry.
        if (replicator.Peers.Length > 0)
        {
            await CopyAsync(cancellationToken).ConfigureAwait(false);
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(replicator.Peers.Select(peer => peer.RunAsync(stoppingToken)).Append(WatchWarmUpAsync(stoppingToken)));

    /// <summary>Tells people of the time in which clients get no list: the answers alone look like a refusal for good.</summary>
    private async Task WatchWarmUpAsync(CancellationToken stoppingToken)
    {
        if (warmUp.IsOver)
        {
            return;
        }

        LogRefused(logger, TimeSpan.FromSeconds(Math.Ceiling(warmUp.Left.TotalSeconds)), string.Join(", ", settings.Peers.AsEnumerable()));
        while (!warmUp.IsOver)
        {
            // A timer may fire a little before its time is over by the clock.
            await Task.Delay(warmUp.Left is var rest && rest > Pause ? rest : Pause, time, stoppingToken).ConfigureAwait(false);
        }

        LogServed(logger, store.Snapshot.Count);
    }

    private async Task CopyAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(settings.PeerSyncTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        while (true)
        {
            var copied = await Task.WhenAll(
                replicator.Peers.Select(peer => peer.CopyAsync(either.Token, cancellationToken))).ConfigureAwait(false);
            if (Array.Exists(copied, static count => count is not null))
            {
                warmUp.End();
                return;
            }

            try
            {
                await Task.Delay(Pause, time, either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
