using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.Benchmarks.Stacks;

/// <summary>An application with one client on a stack.</summary>
internal sealed class ClientApplication : IAsyncDisposable
{
    public const string Service = "orders";

    /// <summary>Never dialled; three, so that there is a choice.</summary>
    private static readonly string[] Endpoints = ["http://127.0.0.1:8081", "http://127.0.0.1:8082", "http://127.0.0.1:8083"];

    private readonly IHost _host;

    private ClientApplication(IHost host, HttpClient client)
    {
        _host = host;
        Client = client;
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _host.Services;

    /// <param name="stack">The layers of its client.</param>
    /// <param name="stub">What stands below them.</param>
    /// <param name="environment">The host's environment.</param>
    /// <param name="settings">Further keys of the configuration.</param>
    public static async Task<ClientApplication> StartAsync(
        Stack stack, StubHandler stub, string environment = "Production", params IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(
            new HostApplicationBuilderSettings { ApplicationName = "benchmarks", EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(Endpoints.Index().SelectMany(e => new KeyValuePair<string, string?>[]
        {
            new($"Services:{Service}:http:{e.Index}", e.Item),
            new($"Mesh:Services:{Service}:Endpoints:{e.Index}", e.Item),
        }));
        builder.Configuration.AddInMemoryCollection(settings);
        stack.Configure(builder.Services, stub);

        // The factory's own loggers cost several hundred bytes a call on every stack, even when they write nothing.
        builder.Services.AddHttpClient(Service).RemoveAllLoggers();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var host = builder.Build();
        await host.StartAsync();
        return new ClientApplication(host, host.Services.GetRequiredService<IHttpClientFactory>().CreateClient(Service));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.StopAsync();
        _host.Dispose();
    }
}
