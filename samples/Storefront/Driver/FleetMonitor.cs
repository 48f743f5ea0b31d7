using Storefront.Controls;
using Storefront.Processes;

namespace Storefront.Driver;

/// <summary>Reads the counters of all instances twice a second.</summary>
internal sealed class FleetMonitor
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Fleet _fleet;

    // Guards the histories: the display reads them between two readings.
    private readonly Lock _lock = new();
    private readonly Dictionary<ServiceProcess, EndpointHistory> _histories;

    public FleetMonitor(Fleet fleet)
    {
        _fleet = fleet;
        _histories = fleet.Services.ToDictionary(service => service, _ => new EndpointHistory());
    }

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            do
            {
                await ReadAsync(stop);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException)
        {
            // The end of the demo.
        }
    }

    /// <summary>Reads all counters once.</summary>
    public async Task ReadAsync(CancellationToken cancellation)
    {
        var read = await Task.WhenAll(
            _histories.Keys.Select(async service => (Service: service, Stats: await _fleet.Admin.ReadStatsAsync(service, cancellation))));
        lock (_lock)
        {
            foreach (var (service, stats) in read)
            {
                _histories[service].Add(stats);
            }
        }
    }

    /// <summary>Lets the totals begin here.</summary>
    public void Begin()
    {
        lock (_lock)
        {
            foreach (var history in _histories.Values)
            {
                history.Begin();
            }
        }
    }

    /// <summary>The counters of an instance over all its processes, as last read.</summary>
    public InstanceStats TotalOf(ServiceProcess service)
    {
        lock (_lock)
        {
            return _histories[service].Total;
        }
    }

    /// <summary>The instances that the storefront calls.</summary>
    public IReadOnlyList<EndpointRow> Rows()
    {
        lock (_lock)
        {
            return [.. Rows(_fleet.Catalog), .. Rows(_fleet.Orders)];
        }
    }

    private EndpointRow[] Rows(IReadOnlyList<ServiceProcess> instances)
    {
        var recent = instances.Sum(instance => _histories[instance].Recent.Requests);
        var total = instances.Sum(instance => _histories[instance].SinceStart.Requests);
        return instances.Select(instance =>
        {
            var history = _histories[instance];
            return new EndpointRow(
                instance,
                history.Recent,
                history.SinceStart,
                (double)history.Recent.Requests / Math.Max(1, recent),
                (double)history.SinceStart.Requests / Math.Max(1, total));
        }).ToArray();
    }
}
