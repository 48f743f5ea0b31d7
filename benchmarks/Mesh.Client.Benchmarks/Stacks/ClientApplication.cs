using System.Net;
using Mesh.Client.Benchmarks.Measuring;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.Benchmarks.Stacks;

/// <summary>An application with one client on a stack.</summary>
internal sealed class ClientApplication : IAsyncDisposable
{
    private const string Service = "orders";

    /// <summary>Never dialled; three, so that there is a choice.</summary>
    private static readonly string[] Endpoints = ["http://127.0.0.1:8081", "http://127.0.0.1:8082", "http://127.0.0.1:8083"];

    private readonly IHost _host;

    private ClientApplication(IHost host, HttpClient client)
    {
        _host = host;
        Client = client;
    }

    public HttpClient Client { get; }

    /// <exception cref="InvalidOperationException">The stack does not do its work, so that its cost would mean nothing.</exception>
    public static async Task<ClientApplication> StartAsync(Stack stack, string transport)
    {
        var stub = StubHandler.Create(transport);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "benchmarks" });
        builder.Configuration.AddInMemoryCollection(Endpoints.Index().SelectMany(e => new KeyValuePair<string, string?>[]
        {
            new($"Services:{Service}:http:{e.Index}", e.Item),
            new($"Mesh:Services:{Service}:Endpoints:{e.Index}", e.Item),
        }));
        stack.Configure(builder.Services, stub);

        // The factory's own loggers cost several hundred bytes a call on every stack, even when they write nothing.
        builder.Services.AddHttpClient(Service).RemoveAllLoggers();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var host = builder.Build();
        await host.StartAsync();
        var application = new ClientApplication(host, host.Services.GetRequiredService<IHttpClientFactory>().CreateClient(Service));
        await CheckAsync(application.Client, stack, stub);
        return application;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _host.StopAsync();
        _host.Dispose();
    }

    private static async Task CheckAsync(HttpClient client, Stack stack, StubHandler stub)
    {
        HttpResponseMessage response;
        try
        {
            response = await client.GetAsync(new Uri(CallLoop.Address));
        }
        catch (HttpRequestException exception)
        {
            throw new InvalidOperationException($"A call through {stack.Name} does not reach the stub: {exception.Message}", exception);
        }

        using (response)
        {
            if (response.StatusCode != HttpStatusCode.OK || stub.LastUri is not { } arrived)
            {
                throw new InvalidOperationException($"A call through {stack.Name} does not reach the stub.");
            }

            if (stack.ResolvesAddress && arrived.Host == Service)
            {
                throw new InvalidOperationException($"A call through {stack.Name} arrives with the name of the service instead of an address.");
            }
        }
    }
}
