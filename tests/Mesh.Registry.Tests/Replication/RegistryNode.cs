using System.Net;
using System.Net.Sockets;
using Mesh.Registry.Replication;
using Mesh.Registry.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Registry.Tests;

/// <summary>One registry of several: a real server on a port that its peers know, with the real clock.
/// It can be killed and come back empty.</summary>
internal sealed class RegistryNode(int port, Action<MeshRegistryOptions> configure, FakeLogCollector? logs = null) : IAsyncDisposable
{
    private WebApplication? _app;

    public string Url => $"http://127.0.0.1:{port}/eureka/";

    public RegistryStore Store => _app!.Services.GetRequiredService<RegistryStore>();

    public Replicator Replicator => _app!.Services.GetRequiredService<Replicator>();

    public static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        foreach (var listener in listeners)
        {
            listener.Start();
        }

        var ports = listeners.Select(static listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners)
        {
            listener.Dispose();
        }

        return ports;
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Logging.ClearProviders();
        if (logs is not null)
        {
            builder.Logging.AddProvider(new FakeLoggerProvider(logs));
        }

        builder.Services.AddMeshRegistry(configure);
        _app = builder.Build();
        _app.MapMeshRegistry();
        await _app.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends it at once, with everything it knew and had still to say.</summary>
    public async Task KillAsync()
    {
        if (_app is { } app)
        {
            _app = null;
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await app.StopAsync(now.Token);
            await app.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await KillAsync();
}
