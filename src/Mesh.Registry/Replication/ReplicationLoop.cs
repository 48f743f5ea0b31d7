using Microsoft.Extensions.Hosting;

namespace Mesh.Registry.Replication;

/// <summary>Copies the peers before this registry serves, and then passes its changes on until the application stops.</summary>
internal sealed class ReplicationLoop(
    Replicator replicator, WarmUp warmUp, RegistrySettings settings, TimeProvider time) : BackgroundService
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
        Task.WhenAll(replicator.Peers.Select(peer => peer.RunAsync(stoppingToken)));

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
