using System.Net;
using System.Text.Json.Nodes;
using Mesh.Client.Discovery;
using Mesh.Client.Eureka;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Options;
using Mesh.Client.Registration;
using Microsoft.Extensions.Logging.Testing;
using static Mesh.Client.Tests.Eureka.TestInstance;

namespace Mesh.Client.Tests.Eureka;

/// <summary>The file that takes the registry's place while none answers.</summary>
public sealed class SnapshotTests : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private readonly StepTimeProvider _time = new();
    private readonly ScriptedRegistry _wire = new();
    private readonly RecordingSink _sink = new();
    private readonly FakeLogCollector _logs = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("mesh-snapshot-").FullName;
    private CancellationTokenSource _stop = new();
    private EurekaClient? _client;
    private Task _running = Task.CompletedTask;

    private string Path => System.IO.Path.Combine(_folder, "registry.json");

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Registry_down_starts_from_what_an_earlier_process_learnt()
    {
        await LearnAsync(
            Of("a", port: 1, metadata: [new("zone", "z1"), new("version", "2")]), Of("b", port: 2, status: RegistrationStatus.Down));

        Refuse();
        Start();
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(0.75));

        Assert.Equal(["orders=http://127.0.0.1:1/", "ready"], _sink.Take());
        var endpoint = Assert.Single(_sink.Services["orders"]);
        Assert.Equal("z1", endpoint.Zone);
        Assert.Equal("2", endpoint.Labels["version"]);
        Assert.Single(Logged(2140));
        Assert.Single(Logged(2100));

        // Back, and empty at first: the instances stay, as they do for a process that has seen them itself.
        Answer(Json());
        _time.Advance(TimeSpan.FromSeconds(0.75));
        await _time.ReachWaitAsync(Interval);
        Assert.DoesNotContain(_sink.Take(), line => line.StartsWith("orders", StringComparison.Ordinal));
        Assert.Single(Logged(2103));
    }

    [Fact]
    public async Task Registry_that_hangs_is_waited_for_no_longer_than_half_of_the_start()
    {
        await LearnAsync(Of("a", port: 1));
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        _wire.AnswerAsync = (_, cancellation) => answer.Task.WaitAsync(cancellation);
        Start();

        await _time.ReachWaitAsync(TimeSpan.FromSeconds(1));
        Assert.Empty(_sink.Take());
        _time.Advance(TimeSpan.FromSeconds(1));
        await UntilAsync(() => Logged(2140).Count == 1);
        Assert.Equal(["orders=http://127.0.0.1:1/", "ready"], _sink.Take());

        // It answers after all.
        answer.SetResult(ScriptedRegistry.Json(Json(Of("a", port: 1), Of("c", port: 3))));
        await _time.ReachWaitAsync(Interval);
        Assert.Equal(2, _sink.Services["orders"].Count);
        Assert.Empty(Logged(2100));
    }

    [Fact]
    public async Task Registry_that_answers_is_believed_and_no_file_is_read()
    {
        await LearnAsync(Of("a", port: 1));
        Answer(Json(Of("b", port: 2)));
        Start();
        await _time.ReachWaitAsync(Interval);

        Assert.Equal(["orders=http://127.0.0.1:2/", "ready"], _sink.Take());
        Assert.Empty(Logged(2140));
    }

    [Fact]
    public async Task No_file_yet_is_no_mistake()
    {
        Refuse();
        Start();
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(0.75));

        Assert.Empty(_sink.Take());
        Assert.Empty(Logged(2141));
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("half")]
    [InlineData("half pair")]
    [InlineData("half pair in the head")]
    [InlineData("html")]
    [InlineData("other")]
    [InlineData("version")]
    [InlineData("no head")]
    [InlineData("deep")]
    [InlineData("large")]
    [InlineData("old")]
    [InlineData("future")]
    [InlineData("registry")]
    [InlineData("writable")]
    public async Task Poisoned_or_foreign_file_is_refused_with_one_warning(string fault)
    {
        await LearnAsync(Of("a", port: 1));
        var text = File.ReadAllText(Path);
        var json = JsonNode.Parse(text)!;
        switch (fault)
        {
            case "old":
                _time.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));
                break;
            case "future":
                json["written"] = _time.GetUtcNow() + TimeSpan.FromHours(25);
                text = json.ToJsonString();
                break;
            case "writable":
                Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
                if (!OperatingSystem.IsWindows())
                {
                    File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
                }

                break;
            case "other":
                json["format"] = "other";
                text = json.ToJsonString();
                break;
            case "version":
                json["version"] = 2;
                text = json.ToJsonString();
                break;
            case "registry":
                json["registries"] = new JsonArray("http://staging:8761/eureka/apps/");
                text = json.ToJsonString();
                break;
            case "half pair":
                text = text.Replace("127.0.0.1", @"\ud800", StringComparison.Ordinal);
                break;
            case "half pair in the head":
                text = text.Replace("http://registry", @"\ud800", StringComparison.Ordinal);
                break;
            default:
                text = fault switch
                {
                    "empty" => string.Empty,
                    "half" => text[..(text.Length / 2)],
                    "html" => "<html/>",
                    "no head" => json["applications"]!.ToJsonString(),
                    "deep" => """{"format":"mesh-client-registry","version":1,"applications":""" + new string('[', 1000),
                    _ => text + new string(' ', RegistryLimits.SnapshotBytes),
                };
                break;
        }

        File.WriteAllText(Path, text);
        Refuse();
        Start();
        await _time.PassWaitAsync(TimeSpan.FromSeconds(0.75));
        await _time.PassWaitAsync(TimeSpan.FromSeconds(1.5));
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(3));

        Assert.Empty(_sink.Take());
        Assert.Equal("SnapshotRefused", Assert.Single(Logged(2141)).Id.Name);
    }

    /// <summary>In a directory that others may write to, anybody could have put it there.</summary>
    [Fact]
    public void File_of_another_user_is_refused()
    {
        Assert.SkipWhen(
            OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess, "The system administrator may do everything to every file.");

        Assert.Equal("it belongs to another user", Assert.Throws<IOException>(() => SnapshotFile.Read("/etc/passwd")).Message);
    }

    /// <summary>Most containers run as the superuser, which may do everything to every file, and must not believe every file.</summary>
    [Fact]
    public void File_of_another_user_is_refused_by_the_superuser_too()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only the superuser can give a file away.");
        File.WriteAllText(Path, "{}");
        Assert.NotNull(SnapshotFile.Read(Path));

        Assert.Equal(0, Chown(Path, 1234, 1234));

        Assert.Equal("it belongs to another user", Assert.Throws<IOException>(() => SnapshotFile.Read(Path)).Message);
    }

    [Fact]
    public async Task Every_cut_of_a_file_is_refused_and_nothing_is_thrown()
    {
        await LearnAsync(Of("a", port: 1));
        var bytes = File.ReadAllBytes(Path);

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.ThrowsAny<System.Text.Json.JsonException>(() => SnapshotFormat.Read(bytes.AsMemory(0, length)));
        }

        Assert.Single(SnapshotFormat.Read(bytes).Applications.Instances);
    }

    [Fact]
    public async Task File_is_private_whole_and_without_secrets()
    {
        await LearnAsync(
            options => options.Discovery.Eureka.ServiceUrls = ["http://user:hunter2@registry:8761/eureka/"],
            Of("a", port: 1, metadata: [new("user.password", "hunter2"), new("API-Key", "hunter2"), new("zone", "z1")]));

        var text = File.ReadAllText(Path);
        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        Assert.Contains("z1", text, StringComparison.Ordinal);
        Assert.Equal([Path], Directory.GetFiles(_folder));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        }
    }

    [Fact]
    public async Task File_is_written_when_something_changes_and_before_it_becomes_old()
    {
        Answer(Json(Of("a", port: 1)), Json("UP_1_"));
        Start();
        await _time.ReachWaitAsync(Interval);
        await UntilAsync(() => File.Exists(Path));
        var first = Written();

        for (var i = 0; i < 10; i++)
        {
            _time.Advance(Interval);
            await _time.ReachWaitAsync(Interval);
        }

        Assert.Equal(first, Written());
        _time.Advance(TimeSpan.FromHours(1));
        await _time.ReachWaitAsync(Interval);
        await UntilAsync(() => Written() != first);
        first = Written();

        Answer(Json(Of("a", port: 1), Of("b", port: 2)), Json("UP_2_", Of("b", port: 2)));
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);

        // While the file from before is still being written, a change waits for the next fetch.
        await UntilAsync(() =>
        {
            _time.Advance(Interval);
            return Written() != first;
        });
        Assert.Equal(2, SnapshotFormat.Read(File.ReadAllBytes(Path)).Applications.Instances.Count);
    }

    [Fact]
    public async Task File_that_cannot_be_written_is_reported_once_and_discovery_goes_on()
    {
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(_folder, "gone")).FullName;
        Answer(Json(Of("a", port: 1)), Json("UP_1_"));
        Start(options => options.Discovery.SnapshotFile = System.IO.Path.Combine(folder, "registry.json"), () => Directory.Delete(folder));
        for (var i = 0; i < 3; i++)
        {
            await _time.ReachWaitAsync(Interval);
            _time.Advance(Interval);
        }

        await EndAsync();
        Assert.Equal("SnapshotNotWritten", Assert.Single(Logged(2142)).Id.Name);
        Assert.Equal(["orders=http://127.0.0.1:1/", "ready"], _sink.Take());
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task Nothing_is_written_unless_asked_for()
    {
        Answer(Json(Of("a", port: 1)));
        Start(options => options.Discovery.SnapshotFile = null);
        await _time.ReachWaitAsync(Interval);
        await EndAsync();

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        for (var i = 0; i < 6000 && !condition(); i++)
        {
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        Assert.True(condition());
    }

    private DateTimeOffset Written() => SnapshotFormat.Read(File.ReadAllBytes(Path)).Written;

    private Task LearnAsync(params EurekaInstance[] instances) => LearnAsync(null, instances);

    /// <summary>A process that sees these instances, and ends.</summary>
    private async Task LearnAsync(Action<MeshOptions>? configure, params EurekaInstance[] instances)
    {
        Answer(Json(instances));
        Start(configure);
        await _time.ReachWaitAsync(Interval);
        await EndAsync();
        Assert.True(File.Exists(Path));
        _sink.Take();
        _sink.Services.Clear();
    }

    private void Answer(string all, string? delta = null) =>
        _wire.Answer = request => ScriptedRegistry.Json(
            delta is not null && request.Line.EndsWith("delta", StringComparison.Ordinal) ? delta : all);

    private void Refuse() => _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.ServiceUnavailable);

    private void Start(Action<MeshOptions>? configure = null, Action? validated = null)
    {
        var configuration = TestConfiguration.Of(options =>
        {
            options.Discovery.SnapshotFile = Path;
            configure?.Invoke(options);
        });
        validated?.Invoke();
        _stop = new CancellationTokenSource();
        _client = new EurekaClient(configuration, _time, _wire);
        _running = new EurekaSource(
            _client,
            configuration,
            _time,
            new FixedRandom(),
            TestMetrics.Of(_time),
            new RegistrySnapshot(configuration, _time, new(() => new FakeLogger<RegistrySnapshot>(_logs))),
            new(() => new FakeLogger<EurekaSource>(_logs))).RunAsync(_sink, _stop.Token);
    }

    private async Task EndAsync()
    {
        await _stop.CancelAsync();
        await Patience.For(_running, "the end of the loop");
        _client?.Dispose();
        _stop.Dispose();
        _stop = new CancellationTokenSource();
    }

    private List<FakeLogRecord> Logged(int id) => [.. _logs.GetSnapshot().Where(record => record.Id.Id == id)];

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "chown", CharSet = System.Runtime.InteropServices.CharSet.Ansi)]
    [System.Runtime.InteropServices.DefaultDllImportSearchPaths(System.Runtime.InteropServices.DllImportSearchPath.SafeDirectories)]
    private static extern int Chown(
        [System.Runtime.InteropServices.MarshalAs(System.Runtime.InteropServices.UnmanagedType.LPUTF8Str)] string path,
        uint owner,
        uint group);
}
