using System.Buffers;
using Mesh.Client.Benchmarks.Stacks;
using Mesh.Client.Eureka;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Outbound.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Client.Benchmarks.Registry;

/// <summary>An application whose services come from a registry's answers, by the mesh's own parts: reader,
/// registry, publisher, services, endpoints.</summary>
internal sealed class PublishedRegistry : IMeshSource, IAsyncDisposable
{
    private readonly TaskCompletionSource<IMeshSink> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly EurekaRegistry _registry = new();
    private ReaderMemory? _memory;
    private IHost? _host;
    private EurekaPublisher? _publisher;
    private IMeshSink? _sink;

    public string Name => "benchmark";

    public HttpClient Client { get; private set; } = new();

    public IEnumerable<Service> Services => _host!.Services.GetRequiredService<ServiceDirectory>().Services;

    public static async Task<PublishedRegistry> StartAsync(StubHandler stub)
    {
        var registry = new PublishedRegistry();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "benchmarks" });
        builder.Services.AddMesh();
        builder.Services.RemoveAll<ITransportFactory>();
        builder.Services.AddSingleton<ITransportFactory>(new StubTransportFactory(stub));
        builder.Services.AddSingleton<IMeshSource>(registry);
        builder.Services.AddHttpClient("any").RemoveAllLoggers();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        registry._host = builder.Build();
        await registry._host.StartAsync();
        registry._host.Services.GetRequiredService<ServiceDirectory>().Start();
        registry._sink = await registry._started.Task;
        registry._publisher = new EurekaPublisher(registry._sink, new(static () => NullLogger.Instance));
        registry.Client = registry._host.Services.GetRequiredService<IHttpClientFactory>().CreateClient("any");
        return registry;
    }

    public async Task RunAsync(IMeshSink sink, CancellationToken stoppingToken)
    {
        sink.Ready();
        _started.SetResult(sink);
        await Task.Delay(Timeout.Infinite, stoppingToken);
    }

    /// <summary>A full answer arrives.</summary>
    /// <returns>Whether any service has changed.</returns>
    public async Task<bool> ReplaceAsync(byte[] body)
    {
        _memory ??= new ReaderMemory();
        return Replace(await ReadAsync(body, _memory));
    }

    /// <summary>The same without a connection, and so without buffers of the process's pool.</summary>
    public bool Replace(byte[] body)
    {
        _memory ??= new ReaderMemory();
        return Replace(EurekaReader.Read(new ReadOnlySequence<byte>(body), _memory));
    }

    private bool Replace(EurekaApplications applications)
    {
        _registry.Replace(applications, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        _memory!.Known = _registry;
        return _publisher!.Publish(_registry.TakeChanges(), _registry.Accepted(), preferIPAddress: false);
    }

    /// <summary>The list of one service, as any source publishes it.</summary>
    public void Publish(string service, EndpointDescription[] endpoints) => _sink!.Publish(service, endpoints);

    /// <summary>A delta arrives.</summary>
    /// <exception cref="InvalidOperationException">It does not fit, or changes nothing.</exception>
    public async Task ApplyAsync(byte[] body)
    {
        var fits = _registry.Apply(await ReadAsync(body, _memory), TimeSpan.Zero, TimeSpan.FromMinutes(5));
        if (!fits || !_publisher!.Publish(_registry.TakeChanges(), _registry.Accepted(), preferIPAddress: false))
        {
            throw new InvalidOperationException("The delta does not change anything.");
        }
    }

    /// <summary>As the client reads it from a connection.</summary>
    public static async Task<EurekaApplications> ReadAsync(byte[] body, ReaderMemory? memory)
    {
        using var response = new HttpResponseMessage { Content = new StreamContent(new MemoryStream(body)) };
        return await EurekaAnswers.ApplicationsAsync(response, memory, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _host!.StopAsync();
        _host.Dispose();
    }
}
