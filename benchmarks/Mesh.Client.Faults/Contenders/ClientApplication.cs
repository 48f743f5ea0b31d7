using System.Globalization;
using Mesh.Client.Faults.Backends;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.Faults.Contenders;

/// <summary>An application that calls the service <c>orders</c> through a contender.</summary>
internal sealed class ClientApplication : IAsyncDisposable
{
    private const string Service = "orders";

    private readonly IHost _host;

    private ClientApplication(IHost host, HttpClient client)
    {
        _host = host;
        Client = client;
    }

    public HttpClient Client { get; }

    public static async Task<ClientApplication> StartAsync(Contender contender, Fleet fleet)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "faults" });
        builder.Configuration.AddInMemoryCollection(Settings(fleet));
        contender.Configure(builder.Services);
        builder.Services.AddHttpClient(Service, client => client.BaseAddress = new Uri($"http://{Service}"));
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

    /// <summary>The same endpoints in the words of both sides.</summary>
    private static Dictionary<string, string?> Settings(Fleet fleet)
    {
        var settings = new Dictionary<string, string?>();
        for (var i = 0; i < fleet.Instances.Count; i++)
        {
            var index = i.ToString(CultureInfo.InvariantCulture);
            settings[$"Services:{Service}:http:{index}"] = fleet.Instances[i].Address;
            settings[$"Mesh:Services:{Service}:Endpoints:{index}"] = fleet.Instances[i].Address;
        }

        return settings;
    }
}
