using System.Text;
using Mesh.Client.Configuration;
using Mesh.Client.Primitives;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Configuration;

/// <summary>A file of the configuration that is broken, or half written, when it is read again.</summary>
public sealed class UnreadableFilesTests : IDisposable
{
    private const string Good = """{ "Mesh": { "Services": { "orders": { "Timeout": "00:00:01" } } } }""";
    private const string Better = """{ "Mesh": { "Services": { "orders": { "Timeout": "00:00:02" } } } }""";

    private readonly Files _files = new() { ["main.json"] = Good, ["other.json"] = "{}" };
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogCollector _log = new();
    private readonly ServiceProvider _provider;
    private readonly MeshConfiguration _configuration;
    private bool _ignore;

    public UnreadableFilesTests()
    {
        var inner = Build(builder => builder.AddJsonFile(_files, "main.json", optional: false, reloadOnChange: true));
        _provider = Provide(Build(builder => builder
            .AddConfiguration(inner)
            .AddJsonFile(_files, "other.json", optional: false, reloadOnChange: true)));
        _configuration = _provider.GetRequiredService<MeshConfiguration>();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Broken_file_changes_nothing_and_is_reported_once_also_when_another_file_changes(bool ignoredByTheApplication)
    {
        _ignore = ignoredByTheApplication;
        var before = _configuration.Model.Current;

        Save("main.json", """{ "Mesh": { """);
        Save("other.json", """{ "Logging": {} }""");

        Assert.Same(before, _configuration.Model.Current);
        var record = Assert.Single(_log.GetSnapshot(), record => record.Id.Id == 101);
        Assert.Equal(LogLevel.Error, record.Level);
        Assert.Contains("main.json", record.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Repaired_file_is_taken()
    {
        Save("main.json", string.Empty);
        Save("main.json", Better);

        Assert.Equal(2, _configuration.Model.Current.Generation);
        Assert.Equal(TimeSpan.FromSeconds(2), _configuration.Model.Current.Of("orders").Routes[0].Policy.Timeout);
        Assert.Equal([101, 102], _log.GetSnapshot().Select(record => record.Id.Id).Where(id => id is >= 100 and < 200));
    }

    [Fact]
    public void Edit_that_is_taken_back_leaves_what_was()
    {
        var before = _configuration.Model.Current;

        Save("main.json", "<html>");
        Save("main.json", Good);

        Assert.Same(before, _configuration.Model.Current);
        Assert.Equal([101, 102], _log.GetSnapshot().Select(record => record.Id.Id).Where(id => id is >= 100 and < 200));
    }

    [Fact]
    public void File_that_is_gone_changes_nothing_and_is_reported_once_also_when_another_file_changes()
    {
        var before = _configuration.Model.Current;

        Delete("main.json");
        Save("other.json", """{ "Logging": {} }""");
        Delete("main.json");

        Assert.Same(before, _configuration.Model.Current);
        var record = Assert.Single(_log.GetSnapshot(), record => record.Id.Id == 101);
        Assert.Equal(LogLevel.Error, record.Level);
        Assert.Contains("main.json is gone", record.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_is_back_is_taken()
    {
        Delete("main.json");
        Save("main.json", Better);

        Assert.Equal(TimeSpan.FromSeconds(2), _configuration.Model.Current.Of("orders").Routes[0].Policy.Timeout);
        Assert.Equal([101, 102], _log.GetSnapshot().Select(record => record.Id.Id).Where(id => id is >= 100 and < 200));
    }

    [Fact]
    public void File_without_settings_of_the_mesh_may_go()
    {
        Save("other.json", """{ "Logging": {} }""");
        Delete("other.json");
        Save("main.json", Better);

        Assert.Equal(TimeSpan.FromSeconds(2), _configuration.Model.Current.Of("orders").Routes[0].Policy.Timeout);
        Assert.DoesNotContain(_log.GetSnapshot(), record => record.Id.Id == 101);
    }

    [Fact]
    public void File_that_got_settings_of_the_mesh_later_counts_from_then_on()
    {
        Save("other.json", """{ "Mesh": { "Services": { "orders": { "Retry": { "MaxRetries": 1 } } } } }""");
        Delete("other.json");

        Assert.Equal(1, _configuration.Model.Current.Of("orders").Routes[0].Policy.MaxRetries);
        Assert.Contains(_log.GetSnapshot(), record => record.Id.Id == 101);
    }

    /// <summary>The runtime writes such a key into every provider, those of files included.</summary>
    [Fact]
    public void File_is_not_one_of_the_mesh_for_a_key_that_was_set_in_memory()
    {
        _files["second.json"] = """{ "Other": 1 }""";
        _files["third.json"] = Good;
        var root = Build(builder => builder
            .AddJsonFile(_files, "third.json", optional: false, reloadOnChange: true)
            .AddJsonFile(_files, "second.json", optional: true, reloadOnChange: true));
        root["Mesh:Service:Name"] = "shop";
        using var provider = Provide(root);
        var configuration = provider.GetRequiredService<MeshConfiguration>().Model;

        Delete("second.json");
        Save("third.json", Better);

        Assert.Equal(TimeSpan.FromSeconds(2), configuration.Current.Of("orders").Routes[0].Policy.Timeout);
        Assert.DoesNotContain(_log.GetSnapshot(), record => record.Id.Id == 101);

        Delete("third.json");

        Assert.Equal(TimeSpan.FromSeconds(2), configuration.Current.Of("orders").Routes[0].Policy.Timeout);
        var record = Assert.Single(_log.GetSnapshot(), record => record.Id.Id == 101);
        Assert.Contains("third.json is gone", record.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_lost_its_settings_of_the_mesh_may_go()
    {
        Save("other.json", """{ "Mesh": { "Services": { "orders": { "Retry": { "MaxRetries": 1 } } } } }""");
        Save("other.json", "{}");
        Delete("other.json");

        Assert.DoesNotContain(_log.GetSnapshot(), record => record.Id.Id == 101);
    }

    [Fact]
    public void Change_that_is_refused_for_a_file_that_is_gone_is_told_again()
    {
        Delete("main.json");
        Save("other.json", """{ "Mesh": { "Services": { "orders": { "Retry": { "MaxRetries": 1 } } } } }""");
        Save("other.json", """{ "Mesh": { "Services": { "orders": { "Retry": { "MaxRetries": 1 } } } }, "Logging": {} }""");

        var told = _log.GetSnapshot().Where(record => record.Id.Id == 101).Select(record => record.Message).ToList();
        Assert.Equal(2, told.Count);
        Assert.Contains("main.json is gone", told[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Disposed_configuration_is_no_longer_told()
    {
        _provider.Dispose();

        Save("main.json", "<html>");

        Assert.DoesNotContain(_log.GetSnapshot(), record => record.Id.Id == 101);
    }

    public void Dispose() => _provider.Dispose();

    private ServiceProvider Provide(IConfiguration configuration)
    {
        var services = new ServiceCollection();
        services.AddSingleton(configuration);
        services.AddKeyedSingleton<TimeProvider>(OwnClockAttribute.Name, _time);
        services.AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(_log)));
        services.AddMesh();
        return services.BuildServiceProvider();
    }

    private IConfigurationRoot Build(Action<IConfigurationBuilder> add)
    {
        var builder = new ConfigurationBuilder().SetFileLoadExceptionHandler(context => context.Ignore = _ignore);
        add(builder);
        foreach (var file in builder.Sources.OfType<FileConfigurationSource>())
        {
            file.ReloadDelay = 0;
        }

        return builder.Build();
    }

    private void Delete(string name)
    {
        _files.Remove(name);
        Signal(name);
    }

    private void Save(string name, string content)
    {
        _files[name] = content;
        Signal(name);
    }

    private void Signal(string name)
    {
        try
        {
            _files.Signal(name);
        }
        catch (AggregateException)
        {
            // The runtime throws at whoever signals the change: the watcher of the file, which drops it.
        }

        _time.Advance(MeshConfiguration.Debounce);
    }

    private sealed class Files : Dictionary<string, string>, IFileProvider
    {
        private readonly Dictionary<string, CancellationTokenSource> _watches = [];

        public void Signal(string name) => _watches[name].Cancel();

        public IDirectoryContents GetDirectoryContents(string subpath) => NotFoundDirectoryContents.Singleton;

        public IFileInfo GetFileInfo(string subpath) =>
            TryGetValue(subpath, out var text) ? new Content(subpath, text) : new NotFoundFileInfo(subpath);

        public IChangeToken Watch(string filter) => new CancellationChangeToken((_watches[filter] = new CancellationTokenSource()).Token);

        private sealed class Content(string name, string text) : IFileInfo
        {
            public bool Exists => true;

            public long Length => text.Length;

            public string? PhysicalPath => null;

            public string Name => name;

            public DateTimeOffset LastModified => default;

            public bool IsDirectory => false;

            public Stream CreateReadStream() => new MemoryStream(Encoding.UTF8.GetBytes(text));
        }
    }
}
