using Mesh.Client.Options;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.HttpClients;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests;

/// <summary>The request path on a scripted network, a clock that stands still and seeded randomness.</summary>
internal sealed class MeshFixture : IDisposable
{
    private readonly ServiceProvider _provider;

    public MeshFixture(
        Action<MeshOptions>? configure = null, Action<IServiceCollection>? services = null, HttpMessageHandler? primary = null)
    {
        var collection = new ServiceCollection();
        collection.AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(Logs)));
        collection.AddKeyedSingleton<TimeProvider>(OwnClockAttribute.Name, Time);
        collection.AddSingleton<IRandomSource>(new SeededRandom(1));
        collection.AddSingleton<ITransportFactory>(Network);
        services?.Invoke(collection);
        collection.AddMesh(options => configure?.Invoke(options));
        _provider = collection.BuildServiceProvider();
        Handler = new MeshHandler(_provider.GetRequiredService<CallPipeline>(), primary is not null)
        {
            InnerHandler = primary ?? new NoNetwork(),
        };
        Client = new HttpClient(Handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public FakeTimeProvider Time { get; } = new();

    public FakeLogCollector Logs { get; } = new();

    public ScriptedNetwork Network { get; } = new();

    public MeshHandler Handler { get; }

    public HttpClient Client { get; }

    public ServiceDirectory Directory => _provider.GetRequiredService<ServiceDirectory>();

    public IServiceProvider Provider => _provider;

    public Service Service(string name)
    {
        Assert.Equal(HostLookup.Service, Directory.Find(new Uri("http://" + name), out var service));
        return service!;
    }

    public void Dispose()
    {
        Client.Dispose();
        _provider.Dispose();
    }

    private sealed class NoNetwork : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("The primary handler of the client was used: " + request.RequestUri);
    }
}
