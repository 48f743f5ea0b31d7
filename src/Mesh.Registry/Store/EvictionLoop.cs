using Microsoft.Extensions.Hosting;

namespace Mesh.Registry;

/// <summary>Looks for expired leases at a fixed interval until the application stops.</summary>
internal sealed class EvictionLoop(RegistryStore store, RegistrySettings settings, TimeProvider time) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(settings.EvictionInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            store.EvictExpired();
        }
    }
}
