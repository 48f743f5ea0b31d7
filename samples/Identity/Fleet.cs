using System.Net.Http.Json;
using System.Text.Json;
using Identity.Controls;
using Identity.Recording;
using Identity.Roles;

namespace Identity;

/// <summary>All processes of the demo. Whatever happens, <see cref="Dispose"/> ends them.</summary>
internal sealed class Fleet : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(2) };

    public Fleet(bool naive, string folder)
    {
        Naive = naive;
        Folder = folder;
        var ports = FreePorts.Find(7);
        ServiceProcess New(string role, int number, Func<string[]> settings) =>
            new(role, number, ports.Dequeue(), folder, [.. LogSettings.Arguments, .. settings()]);

        Issuer = New(Role.Issuer, 1, FleetSettings.Issuer);
        Audit = New(Role.Audit, 1, () => []);
        Stranger = New(Role.Stranger, 1, () => []);
        Payments = New(Role.Payments, 1, () => FleetSettings.Service(this, Role.Payments, "Development"));
        Orders = New(Role.Orders, 1, () => FleetSettings.Orders(this));
        Storefront = New(Role.Storefront, 1, () => FleetSettings.Storefront(this, "Development"));
        ProductionStorefront = New(Role.Storefront, 2, () => FleetSettings.Storefront(this, "Production"));
    }

    /// <summary>Whether a handler copies the header, in place of the mesh's propagation.</summary>
    public bool Naive { get; }

    public string Folder { get; }

    public ServiceProcess Issuer { get; }

    public ServiceProcess Storefront { get; }

    /// <summary>The storefront once more, in the environment Production.</summary>
    public ServiceProcess ProductionStorefront { get; }

    public ServiceProcess Orders { get; }

    public ServiceProcess Payments { get; }

    public ServiceProcess Audit { get; }

    public ServiceProcess Stranger { get; }

    public IReadOnlyList<ServiceProcess> All => [Issuer, Storefront, ProductionStorefront, Orders, Payments, Audit, Stranger];

    /// <summary>Starts everything and waits until each answers.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        foreach (var service in All)
        {
            service.Start();
        }

        await Task.WhenAll(All.Select(service => service.WaitUntilAsync(
            async () => await TryReadAsync<int>(service, DemoControls.AlivePath, cancellation) == service.Pid,
            cancellation)));
    }

    /// <summary>Reads what has arrived at a recorder for a path.</summary>
    public async Task<RecordedRequest[]> ReadRecordedAsync(ServiceProcess recorder, string path, CancellationToken cancellation)
    {
        var all = await TryReadAsync<RecordedRequest[]>(recorder, RecorderService.RecordedPath, cancellation)
            ?? throw new DemoException($"{recorder.Name} does not tell what it has recorded.");
        return [.. all.Where(request => request.Target.Split(' ', '?')[1] == path)];
    }

    /// <summary>Says that the demo is over: Ctrl-C in a terminal reaches the processes, too, and they end by themselves.</summary>
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

        _http.Dispose();
    }

    private async Task<T?> TryReadAsync<T>(ServiceProcess service, string path, CancellationToken cancellation)
    {
        try
        {
            return await _http.GetFromJsonAsync<T>(new Uri(service.Address, path), cancellation);
        }
        catch (Exception error) when (error is HttpRequestException or JsonException
            || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return default;
        }
    }
}
