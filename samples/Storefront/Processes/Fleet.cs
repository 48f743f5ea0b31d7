using System.Diagnostics;
using Storefront.Roles;

namespace Storefront.Processes;

/// <summary>All processes of the demo. Whatever happens, <see cref="Dispose"/> ends them.</summary>
internal sealed class Fleet : IDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(45);

    private readonly ServiceProcess? _registry;
    private readonly RegistryReader? _reader;

    public Fleet(bool stock, string folder)
    {
        Folder = folder;
        var ports = FreePorts.Find(stock ? 6 : 7);
        if (!stock)
        {
            _registry = new ServiceProcess(Role.Registry, 1, ports.Dequeue(), folder, FleetSettings.Registry());
            _reader = new RegistryReader(_registry.Address);
        }

        var catalogPorts = Take(ports, 3);
        var ordersPorts = Take(ports, 2);
        string[] Settings(string service) =>
            _reader is null ? FleetSettings.Stock(catalogPorts, ordersPorts) : FleetSettings.Mesh(service, _reader.ServiceUrl);

        Catalog = [.. catalogPorts.Select((port, i) => new ServiceProcess(Role.Catalog, i + 1, port, folder, Settings(Role.Catalog)))];
        Orders = [.. ordersPorts.Select((port, i) => new ServiceProcess(
            Role.Orders, i + 1, port, folder, [.. Settings(Role.Orders), "--Demo:Ledger", LedgerFile(i + 1)]))];
        Storefront = new ServiceProcess(Role.Storefront, 1, ports.Dequeue(), folder, Settings(Role.Storefront));
    }

    public string Folder { get; }

    public InstanceAdmin Admin { get; } = new();

    public IReadOnlyList<ServiceProcess> Catalog { get; }

    public IReadOnlyList<ServiceProcess> Orders { get; }

    public ServiceProcess Storefront { get; }

    /// <summary>The page of the registry; none on the stock stack.</summary>
    public Uri? RegistryPage => _registry?.Address;

    public IEnumerable<ServiceProcess> Services => [.. Catalog, .. Orders, Storefront];

    public IEnumerable<ServiceProcess> All => _registry is null ? Services : [_registry, .. Services];

    /// <summary>Starts everything and waits until all instances serve and, with the mesh, are <c>UP</c> in the registry.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        if (_registry is not null)
        {
            _registry.Start();
            await _registry.WaitUntilAsync(async () => await _reader!.ReadUpPortsAsync(cancellation) is not null, cancellation);
        }

        foreach (var service in Services)
        {
            service.Start();
        }

        await Task.WhenAll(Services.Select(service => WaitUntilServingAsync(service, cancellation)));
    }

    /// <summary>Stops an instance gracefully and waits for its end.</summary>
    public static Task<ProcessEnd> StopAsync(ServiceProcess service, CancellationToken cancellation) =>
        service.StopAsync(StopTimeout, cancellation);

    /// <summary>Starts an instance anew at its address and waits until it serves; returns how long that took.</summary>
    public async Task<TimeSpan> StartAgainAsync(ServiceProcess service, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        service.Start();
        await WaitUntilServingAsync(service, cancellation);
        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Says that the demo is over: Ctrl-C in a terminal reaches the instances, too, and they end by themselves.</summary>
    public void ExpectEnd()
    {
        foreach (var service in All)
        {
            service.ExpectEnd();
        }
    }

    public void Dispose()
    {
        foreach (var service in All.Reverse())
        {
            service.Dispose();
        }

        _reader?.Dispose();
        Admin.Dispose();
    }

    private static int[] Take(Queue<int> ports, int count) => [.. Enumerable.Range(0, count).Select(_ => ports.Dequeue())];

    private string LedgerFile(int number) => Path.Combine(Folder, $"orders-{number}{Ledgers.Extension}");

    private Task WaitUntilServingAsync(ServiceProcess service, CancellationToken cancellation) => service.WaitUntilAsync(
        async () => await Admin.ReadStatsAsync(service, cancellation) is { } stats
            && stats.Pid == service.Pid
            && (_reader is null || await _reader.ReadUpPortsAsync(cancellation) is { } up && up.Contains(service.Address.Port)),
        cancellation);
}
