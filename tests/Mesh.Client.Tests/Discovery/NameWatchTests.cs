using System.Net;
using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Mesh.Client.Tests.DependencyInjection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Client.Tests.Discovery;

/// <summary>When the names of endpoints are asked for.</summary>
public sealed class NameWatchTests : IDisposable
{
    private readonly TestApplication _application = new(Names());
    private readonly CountingTime _time = new();
    private readonly Resolver _resolver = new();
    private readonly NameWatch _watch;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public NameWatchTests()
    {
        _application.Services.AddMesh();
        var configuration = _application.Build().GetRequiredService<ModelInForce>();
        _watch = new NameWatch(_resolver, configuration, _time, new(static () => NullLogger<NameWatch>.Instance));
        _running = _watch.RunAsync(static () => { }, _stop.Token);
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _application.Dispose();
    }

    [Fact]
    public async Task Names_of_a_reload_are_asked_at_once_and_again_after_the_interval_only()
    {
        Assert.Equal(0, _resolver.Asked);
        _application.Edit(Names("shop"));
        await _resolver.WhenAsked(1);
        _application.Edit(Names("shop", "books"));
        await _resolver.WhenAsked(3);
        await Settled(2);

        _time.Advance(NameWatch.Interval - TimeSpan.FromTicks(1));
        await Settled(2);
        Assert.Equal(3, _resolver.Asked);
        _time.Advance(TimeSpan.FromTicks(1));
        await _resolver.WhenAsked(5);
    }

    [Fact]
    public async Task Reload_while_names_are_asked_is_not_missed()
    {
        var answer = _resolver.Hold();
        _application.Edit(Names("shop"));
        await _resolver.WhenAsked(1);
        _application.Edit(Names("shop", "books"));
        Assert.Equal(1, _resolver.Asked);

        answer.SetResult();

        await _resolver.WhenAsked(3);
        await Settled(2);
    }

    [Fact]
    public async Task Name_that_is_configured_no_longer_is_forgotten()
    {
        _application.Edit(Names("shop", "books"));
        await Settled(2);

        _application.Edit(Names("shop"));

        await Settled(1);
        Assert.Equal("shop", Assert.Single(_watch.Known.Keys));
    }

    [Fact]
    public async Task RunAsync_ends_when_it_is_stopped()
    {
        await _stop.CancelAsync();

        await _running.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private static string Names(params string[] hosts)
    {
        var endpoints = hosts.Select(static host => $$"""{ "Address": "http://{{host}}", "Resolve": "Each" }""");
        return $$"""{ "Mesh": { "Services": { "catalog": { "Endpoints": [ {{string.Join(", ", endpoints)}} ] } } } }""";
    }

    /// <summary>What was asked is known, and the next round is waited for: that begins on another thread.</summary>
    private async Task Settled(int known)
    {
        for (var i = 0; i < 1_000_000 && (_watch.Known.Count != known || _time.Timers != 1); i++)
        {
            await Task.Yield();
        }

        Assert.Equal((known, 1), (_watch.Known.Count, _time.Timers));
    }

    private sealed class Resolver : IHostResolver
    {
        private readonly Lock _gate = new();
        private readonly List<(int Count, TaskCompletionSource Source)> _waiting = [];
        private Task _held = Task.CompletedTask;
        private int _asked;

        public int Asked
        {
            get
            {
                lock (_gate)
                {
                    return _asked;
                }
            }
        }

        /// <summary>No question is answered before this is.</summary>
        public TaskCompletionSource Hold()
        {
            var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _held = source.Task;
            return source;
        }

        public Task WhenAsked(int count)
        {
            lock (_gate)
            {
                var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((count, source));
                Tell();
                return source.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }

        public async Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
        {
            lock (_gate)
            {
                _asked++;
                Tell();
            }

            await _held.WaitAsync(cancellationToken);
            return [IPAddress.Parse("10.0.0.1")];
        }

        private void Tell()
        {
            foreach (var (count, source) in _waiting)
            {
                if (_asked >= count)
                {
                    source.TrySetResult();
                }
            }
        }
    }
}
