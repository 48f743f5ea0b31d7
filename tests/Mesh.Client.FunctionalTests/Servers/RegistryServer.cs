using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.FunctionalTests.Servers;

/// <summary>A real registry on loopback. It can be killed, and another, empty one started on its port.</summary>
internal sealed class RegistryServer : IAsyncDisposable
{
    private static readonly HttpClient Http = new();

    private WebApplication _application;

    private RegistryServer(WebApplication application) => _application = application;

    public int Port { get; private set; }

    public string Url => $"http://127.0.0.1:{Port}/eureka/";

    public static async Task<RegistryServer> StartAsync()
    {
        var server = new RegistryServer(await RunAsync(port: 0));
        server.Port = new Uri(
            server._application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        return server;
    }

    /// <summary>Ends it at once, with everything it knew.</summary>
    public async Task KillAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }

    /// <summary>An empty one on the same port.</summary>
    public async Task RestartAsync() => _application = await RunAsync(Port);

    /// <summary>What the registry shows of a service.</summary>
    public Task<string> TextAsync(string service) =>
        Http.GetStringAsync(new Uri($"{Url}apps/{service.ToUpperInvariant()}"), TestContext.Current.CancellationToken);

    /// <summary>The status of each instance of a service, as the registry lists it.</summary>
    public async Task<string[]> StatusesAsync(string service)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Url}apps/{service.ToUpperInvariant()}");
        request.Headers.Accept.ParseAdd("application/json");
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            return [];
        }

        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return [.. document.RootElement.GetProperty("application").GetProperty("instance").EnumerateArray()
            .Select(instance => instance.GetProperty("status").GetString()!)];
    }

    public Task UntilUpAsync(string service, int count) =>
        Patience.UntilAsync(
            async () => (await StatusesAsync(service)).Count(status => status == "UP") == count,
            $"the registry lists {count} instances of {service} as UP");

    public async ValueTask DisposeAsync() => await KillAsync();

    private static async Task<WebApplication> RunAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddMeshRegistry(registry => registry.EvictionInterval = TimeSpan.FromSeconds(1));
        var application = builder.Build();
        application.MapMeshRegistry();
        await application.StartAsync();
        return application;
    }
}
