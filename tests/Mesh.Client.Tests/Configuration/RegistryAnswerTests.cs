using System.Net;
using Mesh.Client.Eureka;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Primitives;
using Mesh.Client.State;
using Mesh.Client.Tests.DependencyInjection;
using Mesh.Client.Tests.Eureka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using static Mesh.Client.Tests.Eureka.TestInstance;

namespace Mesh.Client.Tests.Configuration;

/// <summary>What the log says of a registry that has answered, and of one that has not.</summary>
public sealed class RegistryAnswerTests : IAsyncDisposable
{
    private const string Unanswered = "Registry: http://registry:8761/eureka/ has given no usable answer yet";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(0.75);
    private readonly StepTimeProvider _time = new();
    private readonly ScriptedRegistry _wire = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("mesh-answer-").FullName;
    private TestApplication? _application;
    private StartReport? _report;
    private ServiceDirectory? _directory;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Snapshot => Path.Combine(_folder, "registry.json").Replace('\\', '/');

    public async ValueTask DisposeAsync()
    {
        if (_directory is not null)
        {
            // The snapshot may still be written.
            await _directory.StopAsync(Token);
        }

        _application?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Answer_after_the_start_is_reported_once()
    {
        await StartRefusedAsync();
        Assert.Contains(Unanswered + ".", Line(105), StringComparison.Ordinal);
        Assert.DoesNotContain(107, _application!.EventIds());

        await AnswerAsync();

        await UntilAsync(107);
        Assert.Equal("The registry has answered: it names 2 services.", Line(107));
    }

    [Fact]
    public async Task Answer_before_the_start_is_in_the_first_line()
    {
        Answer();
        Build();
        _directory!.Start();
        await Patience.For(_directory.WhenReady, "the first answer");
        await StartedAsync();

        Assert.Contains("Registry: http://registry:8761/eureka/ names 2 services.", Line(105), StringComparison.Ordinal);
        Assert.DoesNotContain(107, _application!.EventIds());
    }

    [Fact]
    public async Task Stop_without_an_answer_reports_none()
    {
        await StartRefusedAsync();
        await _report!.StoppingAsync(Token);
        await _directory!.StopAsync(Token);
        await Patience.For(_directory.WhenReady, "the end of the sources");

        Assert.DoesNotContain(107, _application!.EventIds());
    }

    /// <summary>True, but of no use any more.</summary>
    [Fact]
    public async Task Answer_while_the_application_stops_is_not_reported()
    {
        await StartRefusedAsync();
        await _report!.StoppingAsync(Token);

        await AnswerAsync();
        await Patience.For(_directory!.WhenReady, "the first answer");
        await _directory.StopAsync(Token);

        Assert.DoesNotContain(107, _application!.EventIds());
    }

    [Theory]
    [InlineData(1, "1 service is from the snapshot")]
    [InlineData(2, "2 services are from the snapshot")]
    public async Task Snapshot_is_no_answer(int services, string said)
    {
        Remember(services);
        Refuse();
        var source = new TestSource();
        Build(added => added.AddSingleton<IMeshSource>(source));
        _directory!.Start();
        var other = await Patience.For(source.Sink, "the other source");
        other.Publish("own", [TestSource.Endpoint("http://10.0.0.1/")]);
        other.Ready();
        await _time.ReachWaitAsync(AfterFailure);
        Assert.Contains(2140, _application!.EventIds());
        await StartedAsync();

        Assert.Contains($"{Unanswered}; {said}", Line(105), StringComparison.Ordinal);
        Assert.DoesNotContain(107, _application!.EventIds());

        await AnswerAsync();
        await UntilAsync(107);
        Assert.Equal("The registry has answered: it names 2 services.", Line(107));
    }

    [Fact]
    public async Task Snapshot_after_the_start_is_no_answer()
    {
        Remember(2);
        Refuse();
        Build();
        await StartedAsync();
        _directory!.Start();
        await Patience.For(_directory.WhenReady, "the snapshot");
        await _time.ReachWaitAsync(AfterFailure);

        Assert.Equal([105, 2140, 2100], _application!.EventIds());
    }

    private static EurekaInstance[] Instances() =>
        [Of("a", host: "10.0.0.1", port: 1), Of("b", app: "BASKET", host: "10.0.0.2", vip: "basket", port: 2)];

    private void Answer() => _wire.Answer = _ => ScriptedRegistry.Json(Json(Instances()));

    private void Refuse() => _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.NotFound);

    private void Remember(int services) => SnapshotFile.Write(
        Snapshot,
        stream => SnapshotFormat.Write(
            stream,
            Instances()[..services],
            EurekaServer.From(["http://registry:8761/eureka/"]).Select(static server => server.Root.AbsoluteUri),
            _time.GetUtcNow()));

    private void Build(Action<IServiceCollection>? configure = null)
    {
        _application = new TestApplication(
            $$"""
            {
              "Mesh": {
                "Service": { "Name": "shop" },
                "Discovery": { "SnapshotFile": "{{Snapshot}}", "Eureka": { "ServiceUrls": [ "http://registry:8761/eureka/" ] } }
              }
            }
            """);
        _application.Services.AddKeyedSingleton<TimeProvider>(OwnClockAttribute.Name, _time);
        _application.Services.AddSingleton<IRandomSource>(new FixedRandom());
        _application.Services.AddSingleton(provider => new EurekaClient(provider.GetRequiredService<ModelInForce>(), _time, _wire));
        _application.Services.AddMesh();
        configure?.Invoke(_application.Services);
        var provider = ((IServiceCollection)_application.Services).BuildServiceProvider();
        _directory = provider.GetRequiredService<ServiceDirectory>();

        // Alone: the other hosted services need a host.
        _report = ActivatorUtilities.CreateInstance<StartReport>(provider);
    }

    /// <summary>The application starts while the registry refuses.</summary>
    private async Task StartRefusedAsync()
    {
        Refuse();
        Build();
        _directory!.Start();
        await _time.ReachWaitAsync(AfterFailure);
        await StartedAsync();
    }

    /// <summary>A server answers after all.</summary>
    private async Task AnswerAsync()
    {
        Answer();
        _time.Advance(AfterFailure);
        await _time.ReachWaitAsync(Interval);
    }

    private Task StartedAsync() => ((IHostedLifecycleService)_report!).StartedAsync(Token);

    private async Task UntilAsync(int id)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        for (var i = 0; i < 6000 && !_application!.EventIds().Contains(id); i++)
        {
            await timer.WaitForNextTickAsync(Token);
        }
    }

    private string Line(int id) => Assert.Single(_application!.Log.GetSnapshot(), record => record.Id.Id == id).Message;
}
