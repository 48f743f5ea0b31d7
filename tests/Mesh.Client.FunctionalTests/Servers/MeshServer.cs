using System.Net;
using Mesh.Client.Registration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.Servers;

/// <summary>An ASP.NET Core application on the mesh, on a free port of loopback, as a user writes one.</summary>
internal sealed class MeshServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private int _requests;

    private MeshServer(WebApplication application) => _application = application;

    public string Url => _application.Urls.Single();

    public int Port => new Uri(Url).Port;

    public int Requests => Volatile.Read(ref _requests);

    public IServiceProvider Services => _application.Services;

    /// <param name="name">The service that it is.</param>
    /// <param name="map">Its endpoints.</param>
    /// <param name="development">Whether it runs in Development, where loopback is trusted.</param>
    /// <param name="settings">Configuration.</param>
    /// <param name="services">Further services.</param>
    /// <param name="protocols">The versions of HTTP it speaks.</param>
    /// <param name="port">The port; 0 for a free one.</param>
    public static async Task<MeshServer> StartAsync(
        string name,
        Action<WebApplication> map,
        bool development = true,
        IReadOnlyDictionary<string, string?>? settings = null,
        Action<IServiceCollection>? services = null,
        HttpProtocols protocols = HttpProtocols.Http1,
        int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { EnvironmentName = development ? "Development" : "Production" });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(settings ?? new Settings());
        builder.Configuration["Mesh:Service:Name"] = name;
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = protocols));
        builder.Services.AddHttpClient();
        builder.Services.AddMesh();
        services?.Invoke(builder.Services);
        var application = builder.Build();
        var server = new MeshServer(application);
        application.Use((context, next) =>
        {
            Interlocked.Increment(ref server._requests);
            return next(context);
        });
        map(application);
        await application.StartAsync();
        return server;
    }

    public static Task<MeshServer> StartAsync(
        string name, RequestDelegate answer, bool development = true, IReadOnlyDictionary<string, string?>? settings = null) =>
        StartAsync(name, application => application.Run(answer), development, settings);

    /// <summary>It says to each caller from now on that it is about to leave.</summary>
    public void Drain() => Services.GetRequiredService<DrainState>().Begin();

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }
}
