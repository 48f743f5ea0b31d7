using Microsoft.Extensions.Hosting;

namespace Mesh.Registry.Store;

/// <summary>Looks for expired leases at a fixed interval until the application stops.</summary>
internal sealed class EvictionLoop(RegistryStore store, RegistrySettings settings, TimeProvider time) : BackgroundService
{
    /// <summary>Timers are always a little late.</summary>
    private static readonly TimeSpan Standstill = TimeSpan.FromSeconds(1);

    private PeriodicTimer? _timer;
    private long _lastRun;

    // How long this process stood still, for leases that could not be renewed since: the timer makes up for a run that it has missed, at
    // once.
    private TimeSpan _grace;
    private long _graceBegan;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        // Created here because the loop itself begins later, on the thread pool: the interval counts from the start of the host.
        _timer = new PeriodicTimer(settings.EvictionInterval, time);
        _lastRun = time.GetTimestamp();
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _timer?.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _timer!.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            // A process that was paused, or a machine that slept, could not receive heartbeats in that time either.
            var late = time.GetElapsedTime(_lastRun) - settings.EvictionInterval;
            _lastRun = time.GetTimestamp();
            if (time.GetElapsedTime(_graceBegan) > TimeSpan.FromSeconds(settings.DefaultLeaseSeconds))
            {
                _grace = TimeSpan.Zero;
            }

            if (late > Standstill && late >= _grace)
            {
                (_grace, _graceBegan) = (late, _lastRun);
            }

            store.EvictExpired(late > _grace ? late : _grace);
        }
    }
}
