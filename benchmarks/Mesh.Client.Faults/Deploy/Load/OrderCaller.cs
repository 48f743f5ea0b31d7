using Mesh.Client.Faults.Deploy.Fleet;
using Mesh.Client.Faults.Deploy.Roles;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.Faults.Deploy.Load;

/// <summary>An application that calls the service <c>orders</c> through a contender.</summary>
internal sealed class OrderCaller : IAsyncDisposable
{
    private readonly IHost _host;

    private OrderCaller(IHost host, HttpClient client)
    {
        _host = host;
        Client = client;
    }

    public HttpClient Client { get; }

    public static async Task<OrderCaller> StartAsync(
        DeployScenario scenario, DeployContender contender, DeployFleet fleet, CancellationToken cancellation)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "caller" });
        builder.Configuration.AddInMemoryCollection(FleetSettings.Caller(scenario, fleet.Instances, fleet.RegistryUrl));
        contender.Contender.Configure(builder.Services);
        builder.Services.AddHttpClient(Role.Orders, client => client.BaseAddress = new Uri($"http://{Role.Orders}"));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var host = builder.Build();
        await host.StartAsync(cancellation);
        return new OrderCaller(host, host.Services.GetRequiredService<IHttpClientFactory>().CreateClient(Role.Orders));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.StopAsync();
        _host.Dispose();
    }
}
