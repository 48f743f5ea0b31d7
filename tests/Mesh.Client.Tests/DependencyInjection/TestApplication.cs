using System.Text;
using Mesh.Client.Configuration;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Primitives;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.DependencyInjection;

/// <summary>A bare application: services, a configuration that can be edited, a clock and a log.</summary>
internal sealed class TestApplication : IDisposable
{
    private readonly EditableConfiguration _source;
    private readonly List<IDisposable> _owned = [];

    public TestApplication(string json)
    {
        _source = new EditableConfiguration { Content = Parse(json) };
        Configuration = new ConfigurationBuilder().Add(_source).Build();
        Services.AddSingleton<IConfiguration>(Configuration);
        Services.AddKeyedSingleton<TimeProvider>(OwnClockAttribute.Name, Time);
        Services.AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(Log)));
    }

    public ServiceCollection Services { get; } = [];

    public IConfigurationRoot Configuration { get; }

    public FakeTimeProvider Time { get; } = new();

    public FakeLogCollector Log { get; } = new();

    public static MeshOptions Read(string json) => Read(json, static _ => { });

    public static MeshOptions Read(string json, Action<IMeshBuilder> configure)
    {
        using var application = new TestApplication(json);
        configure(application.Services.AddMesh());
        return application.Build().GetRequiredService<ModelInForce>().Current.Options;
    }

    /// <summary>The mistakes of a configuration, in the order in which they are reported.</summary>
    public static string[] MistakesOf(string json) => MistakesOf(json, static _ => { });

    public static string[] MistakesOf(string json, Action<IMeshBuilder> configure) =>
        [.. Assert.ThrowsAny<OptionsValidationException>(() => Read(json, configure)).Failures];

    public ServiceProvider Build()
    {
        var provider = Services.BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true, ValidateScopes = true });
        _owned.Add(provider);
        return provider;
    }

    /// <summary>Saves a new configuration, which raises the change signal, and does not wait.</summary>
    public void Save(string json)
    {
        _source.Content = Parse(json);
        Configuration.Reload();
    }

    /// <summary>Saves a new configuration and lets the debounce time pass.</summary>
    public void Edit(string json)
    {
        Save(json);
        Time.Advance(MeshConfiguration.Debounce);
    }

    public IEnumerable<int> EventIds() =>
        Log.GetSnapshot()
            .Where(record => record.Category?.StartsWith("Mesh.", StringComparison.Ordinal) == true)
            .Select(record => record.Id.Id);

    public void Dispose() => _owned.ForEach(owned => owned.Dispose());

    private static Dictionary<string, string?> Parse(string json)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(json));
        return new Dictionary<string, string?>(
            new ConfigurationBuilder().AddJsonStream(stream).Build().AsEnumerable(), StringComparer.OrdinalIgnoreCase);
    }

    private sealed class EditableConfiguration : IConfigurationSource
    {
        public Dictionary<string, string?> Content { get; set; } = [];

        public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(this);

        private sealed class Provider(EditableConfiguration source) : ConfigurationProvider
        {
            public override void Load() => Data = new Dictionary<string, string?>(source.Content, StringComparer.OrdinalIgnoreCase);
        }
    }
}
