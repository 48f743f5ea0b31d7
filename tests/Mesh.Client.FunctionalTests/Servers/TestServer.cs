using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.Servers;

/// <summary>A real Kestrel on a free port of loopback that counts what reaches it. It knows nothing of the mesh.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentDictionary<string, byte> _connections = [];
    private int _requests;

    private TestServer(WebApplication application) => _application = application;

    public Uri Address { get; private set; } = null!;

    /// <summary>With the address as host: <c>http://127.0.0.1:port</c>.</summary>
    public string Url => $"{Address.Scheme}://127.0.0.1:{Address.Port}";

    /// <summary>With a DNS name as host: <c>http://localhost:port</c>.</summary>
    public string NamedUrl => $"{Address.Scheme}://localhost:{Address.Port}";

    /// <summary>Host and port, as messages and spans name the endpoint.</summary>
    public string Name => $"127.0.0.1:{Address.Port}";

    /// <summary>How many requests came so far.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>How many connections are open now.</summary>
    public int Connections => _connections.Count;

    /// <summary>Which connections are open now.</summary>
    public ICollection<string> OpenConnections => _connections.Keys;

    public static Task<TestServer> StartAsync(string answer) => StartAsync(context => context.Response.WriteAsync(answer));

    /// <param name="answer">Answers every request.</param>
    /// <param name="listen">Protocols and TLS.</param>
    /// <param name="services">Further services.</param>
    /// <param name="map">Further endpoints.</param>
    public static async Task<TestServer> StartAsync(
        RequestDelegate? answer,
        Action<ListenOptions>? listen = null,
        Action<IServiceCollection>? services = null,
        Action<WebApplication>? map = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        services?.Invoke(builder.Services);
        TestServer? server = null;
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, options =>
            {
                options.Use(next => connection => server!.CountAsync(next, connection));
                listen?.Invoke(options);
            });
        });

        var application = builder.Build();
        server = new TestServer(application);
        application.Use((context, next) =>
        {
            Interlocked.Increment(ref server._requests);
            return next(context);
        });
        map?.Invoke(application);
        if (answer is not null)
        {
            application.Run(answer);
        }

        await application.StartAsync();
        server.Address = new Uri(
            application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        // Requests that still hang are let go, not waited for.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    private async Task CountAsync(ConnectionDelegate next, ConnectionContext connection)
    {
        _connections[connection.ConnectionId] = 0;
        try
        {
            await next(connection);
        }
        finally
        {
            _connections.TryRemove(connection.ConnectionId, out _);
        }
    }
}
