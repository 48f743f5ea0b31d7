using System.Text.Json.Nodes;
using Mesh.Registry.Replication;
using Mesh.Registry.Store;
using Mesh.Registry.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Registry.Tests;

/// <summary>One link to a peer that the test scripts, with a clock that only the test moves.</summary>
public sealed class PeerReachabilityTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = Clock.Create();
    private readonly FakeLogger _logger = new();
    private readonly RegistrySettings _settings = Samples.Settings();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly ScriptedPeer _peer = new();
    private RegistryStore? _store;
    private PeerLink? _link;
    private Task _running = Task.CompletedTask;

    [Fact]
    public async Task Peer_that_was_away_at_the_start_is_seen_when_it_comes_although_nothing_is_to_be_told()
    {
        var link = Create();
        Assert.Null(await link.CopyAsync(_stop.Token, _stop.Token));
        Assert.Equal([201], Events);
        await _peer.StartAsync();
        _running = link.RunAsync(_stop.Token);

        await AdvanceUntilAsync(() => link.IsReachable);

        Assert.Equal([201, 200], Events);
        Assert.All(_peer.Batches, static batch => Assert.Empty(batch["replicationList"]!.AsArray()));
    }

    [Fact]
    public async Task Peer_that_goes_is_noticed_although_nothing_is_to_be_told()
    {
        await _peer.StartAsync();
        var link = Create();
        _running = link.RunAsync(_stop.Token);
        await AdvanceUntilAsync(() => link.IsReachable);

        await _peer.DisposeAsync();
        await AdvanceUntilAsync(() => !link.IsReachable);

        Assert.Equal([200, 201], Events);
    }

    [Theory]
    [InlineData(400, true)]
    [InlineData(401, false)]
    [InlineData(404, false)]
    [InlineData(500, false)]
    public async Task Peer_that_answers_but_takes_nothing_empty_is_there_unless_it_is_no_registry_for_us(int status, bool expected)
    {
        _peer.Answer = (_, _) => status;
        await _peer.StartAsync();
        var link = Create();
        _running = link.RunAsync(_stop.Token);

        await AdvanceUntilAsync(() => link.IsReachable || link.Failures > 1);

        Assert.Equal(expected, link.IsReachable);
    }

    [Fact]
    public async Task Probe_that_fails_says_why_in_one_sentence()
    {
        var link = Create();

        await link.CopyAsync(_stop.Token, _stop.Token);

        Assert.DoesNotContain("..", Assert.Single(_logger.Collector.GetSnapshot()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, 0)]
    [InlineData(400, 99)]
    [InlineData(413, 57)]
    public async Task Instance_that_the_peer_refuses_takes_none_along(int status, int bad)
    {
        var badId = $"i{bad}";
        _peer.Answer = (_, ids) => ids.Contains(badId) ? status : 200;
        await _peer.StartAsync();
        var link = Create();
        foreach (var number in Enumerable.Range(0, 100))
        {
            var instance = Samples.Instance(_time, $"i{number}");
            _store!.Register(instance);
            link.Tell(instance.Key, number % 7 == 3 ? ReplicationAction.Cancel : ReplicationAction.Register);
        }

        _running = link.RunAsync(_stop.Token);
        await AdvanceUntilAsync(() => _peer.Taken.Count == 99 && link.Pending == 0 && Events.Contains(203));

        Assert.Equal(Enumerable.Range(0, 100).Where(number => number != bad).Select(static number => $"i{number}"), _peer.Taken);
        var refused = Assert.Single(_logger.Collector.GetSnapshot(), static record => record.Id.Id == 203);
        Assert.Equal(
            ("ORDERS", badId, $"{status}"),
            (refused.GetStructuredStateValue("App"), refused.GetStructuredStateValue("Instance"),
                refused.GetStructuredStateValue("Status")));
        Assert.True(link.IsReachable);
        Assert.InRange(_peer.Batches.Count, 8, 20);
    }

    [Fact]
    public async Task Instances_that_are_refused_again_and_again_are_told_of_once()
    {
        _peer.Answer = static (_, ids) => ids.Contains("bad") ? 400 : 200;
        await _peer.StartAsync();
        var link = Create();
        var instance = Samples.Instance(_time, "bad");
        _store!.Register(instance);
        _running = link.RunAsync(_stop.Token);
        foreach (var failures in Enumerable.Range(1, 3))
        {
            link.Tell(instance.Key, ReplicationAction.Register);
            await AdvanceUntilAsync(() => link.Failures == failures);
        }

        Assert.Single(Events, 203);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ContinueWith(static _ => { }, TaskScheduler.Default);
        _link?.Dispose();
        _stop.Dispose();
        await _peer.DisposeAsync();
    }

    private int[] Events => [.. _logger.Collector.GetSnapshot().Select(static record => record.Id.Id)];

    private PeerLink Create()
    {
        _store = Samples.Store(_time);
        return _link = new PeerLink(
            new Uri($"http://127.0.0.1:{_peer.Port}/eureka/"),
            _store,
            new RegistrationReader(_settings, _time),
            _settings,
            _time,
            new(() => _logger));
    }

    /// <summary>Lets the time pass in small steps until something is so; the answers of the peer take real time.</summary>
    private async Task AdvanceUntilAsync(Func<bool> condition)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!condition())
        {
            await timer.WaitForNextTickAsync(limit.Token);
            _time.Advance(TimeSpan.FromMilliseconds(500));
        }
    }

    private sealed class ScriptedPeer : IAsyncDisposable
    {
        private readonly Lock _gate = new();
        private readonly List<JsonNode> _batches = [];
        private readonly List<string> _taken = [];
        private WebApplication? _app;

        public int Port { get; } = RegistryNode.FreePorts(1)[0];

        /// <summary>The status of an answer, by the batch and the ids in it.</summary>
        public Func<JsonNode, string[], int> Answer { get; set; } = static (_, _) => 200;

        public List<JsonNode> Batches
        {
            get
            {
                lock (_gate)
                {
                    return [.. _batches];
                }
            }
        }

        public List<string> Taken
        {
            get
            {
                lock (_gate)
                {
                    return [.. _taken];
                }
            }
        }

        public async Task StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, Port));
            builder.Logging.ClearProviders();
            _app = builder.Build();
            _app.Run(TakeAsync);
            await _app.StartAsync(TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            if (_app is { } app)
            {
                _app = null;
                using var now = new CancellationTokenSource();
                await now.CancelAsync();
                await app.StopAsync(now.Token);
                await app.DisposeAsync();
            }
        }

        private async Task TakeAsync(HttpContext context)
        {
            var batch = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!;
            var ids = batch["replicationList"]!.AsArray().Select(static line => (string)line!["id"]!).ToArray();
            var status = Answer(batch, ids);
            lock (_gate)
            {
                _batches.Add(batch);
                _taken.AddRange(status == 200 ? ids : []);
            }

            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(
                $$"""{"responseList":[{{string.Join(',', ids.Select(static _ => "{\"statusCode\":200}"))}}]}""", context.RequestAborted);
        }
    }
}
