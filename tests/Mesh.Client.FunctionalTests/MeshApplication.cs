using Mesh.Client.Outbound.Services;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.FunctionalTests;

/// <summary>An application on the mesh as a user writes one: services, configuration, <c>AddMesh()</c>, <c>AddHttpClient()</c>.</summary>
internal sealed class MeshApplication : IAsyncDisposable
{
    private readonly EditableConfiguration _configuration;
    private readonly ServiceProvider _provider;

    public MeshApplication(IReadOnlyDictionary<string, string?> settings, Action<IServiceCollection>? configure = null)
    {
        _configuration = new EditableConfiguration(settings);
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(_configuration.Root);
        services.AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(Logs)));
        services.AddMesh();
        configure?.Invoke(services);
        _provider = services.BuildServiceProvider();
    }

    public FakeLogCollector Logs { get; } = new();

    public IServiceProvider Services => _provider;

    public HttpClient Client(string name = "") => _provider.GetRequiredService<IHttpClientFactory>().CreateClient(name);

    /// <summary>What the mesh remembers of a service, for assertions about it.</summary>
    public Service State(string service) => _provider.GetRequiredService<ServiceDirectory>().Services.Single(s => s.Name == service);

    public int Count(int eventId) => Logs.GetSnapshot().Count(record => record.Id.Id == eventId);

    /// <summary>Saves a new configuration, as an editor does.</summary>
    public void Save(IReadOnlyDictionary<string, string?> settings) => _configuration.Save(settings);

    public ValueTask DisposeAsync() => _provider.DisposeAsync();
}
