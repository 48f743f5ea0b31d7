using System.Net;
using Mesh.Client.Discovery;
using Mesh.Client.Eureka;
using Mesh.Client.Registration;
using Mesh.Client.Tests.Eureka;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using static Mesh.Client.Tests.Eureka.TestInstance;

namespace Mesh.Client.Tests.Telemetry;

/// <summary>What an application measures about its registry.</summary>
public sealed class RegistryMetricTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private readonly StepTimeProvider _time = new();
    private readonly ScriptedRegistry _wire = new();
    private readonly TestMetrics _metrics;

    public RegistryMetricTests() => _metrics = new TestMetrics(_time);

    public void Dispose() => _wire.Dispose();

    [Fact]
    public async Task Fetches_are_measured_by_result_and_what_is_known_grows_old()
    {
        using var duration = _metrics.Collect<double>("mesh.registry.fetch.duration");
        using var age = _metrics.Collect<double>("mesh.registry.age");
        using var instances = _metrics.Collect<long>("mesh.registry.instances");
        Assert.Empty(age.Observe());
        Assert.Empty(instances.Observe());

        using var stop = new CancellationTokenSource();
        var configuration = TestConfiguration.Of();
        using var client = new EurekaClient(configuration, _time, _wire);
        _wire.Answer = _ =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(20));
            return ScriptedRegistry.Json(Json(Of("a", port: 1), Of("b", port: 2)));
        };
        var running = new EurekaSource(
            client,
            configuration,
            _time,
            new FixedRandom(),
            _metrics.Metrics,
            new RegistrySnapshot(configuration, _time, new(static () => NullLogger<RegistrySnapshot>.Instance)),
            new(static () => NullLogger<EurekaSource>.Instance)).RunAsync(new RecordingSink(), stop.Token);
        await _time.ReachWaitAsync(Interval);

        Assert.Equal(["0.02 result=ok"], duration.Lines());
        Assert.Equal(["2"], instances.Observe());
        Assert.Equal(["0"], age.Observe());

        _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.InternalServerError);
        _time.Advance(Interval);
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(0.75));

        Assert.Equal("0 result=error", duration.Lines()[^1]);
        Assert.Equal(["2"], instances.Observe());
        Assert.Equal(["30"], age.Observe());
        await stop.CancelAsync();
        await Patience.For(running, "the end of the loop");
    }

    [Fact]
    public async Task Nothing_fetched_has_no_age_and_no_instances()
    {
        using var age = _metrics.Collect<double>("mesh.registry.age");
        using var instances = _metrics.Collect<long>("mesh.registry.instances");
        using var stop = new CancellationTokenSource();
        _metrics.Metrics.FetchEnded(_metrics.Metrics.FetchBegins(), 3);
        Assert.Equal(["3"], instances.Observe());
        var configuration = TestConfiguration.Of(options => options.Discovery.Eureka.Fetch = false);
        using var client = new EurekaClient(configuration, _time, _wire);
        var running = new EurekaSource(
            client,
            configuration,
            _time,
            new FixedRandom(),
            _metrics.Metrics,
            new RegistrySnapshot(configuration, _time, new(static () => NullLogger<RegistrySnapshot>.Instance)),
            new(static () => NullLogger<EurekaSource>.Instance)).RunAsync(new RecordingSink(), stop.Token);

        Assert.Empty(age.Observe());
        Assert.Empty(instances.Observe());
        await stop.CancelAsync();
        await Patience.For(running, "the end of the loop");
    }

    [Fact]
    public async Task Registration_and_heartbeats_are_measured()
    {
        using var state = _metrics.Collect<int>("mesh.registry.registration.state");
        using var heartbeats = _metrics.Collect<long>("mesh.registry.heartbeats");
        using var client = new EurekaClient(TestConfiguration.Of(), _time, _wire);
        var own = new OwnRegistration();
        using var registration = new EurekaRegistration(
            client, own, _time, new FixedRandom(), _metrics.Metrics, new(static () => NullLogger<EurekaRegistration>.Instance));
        Assert.Empty(state.Observe());

        _wire.Answer = _ => throw new HttpRequestException("refused");
        registration.Begin(TestRegistration.Of());
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(0.75));
        Assert.Equal("none", Present(state));

        _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.NoContent);
        _time.Advance(TimeSpan.FromSeconds(0.75));
        await _time.ReachWaitAsync(Interval);
        Assert.Equal("starting", Present(state));
        own.SetLife(RegistrationStatus.Up);
        await _time.ReachWaitAsync(Interval);
        Assert.Equal("up", Present(state));
        Assert.Empty(heartbeats.Lines());

        await BeatAsync(_ => ScriptedRegistry.Status(HttpStatusCode.OK), Interval);
        await BeatAsync(_ => throw new HttpRequestException("refused"), TimeSpan.FromSeconds(0.75));
        _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.NotFound);
        _time.Advance(TimeSpan.FromSeconds(0.75));
        await _time.ReachWaitAsync(PollSchedule.BeforeRegisteringAgain(Interval, new FixedRandom()));
        Assert.Equal("none", Present(state));
        Assert.Equal(["1 result=ok", "1 result=error", "1 result=forgotten"], heartbeats.Lines());

        _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.OK);
        await Patience.For(registration.EndLoopAsync(TestContext.Current.CancellationToken), "the end of the loop");
        own.SetLife(RegistrationStatus.Down);
        await registration.AnnounceDownAsync(TestContext.Current.CancellationToken);
        Assert.Equal("down", Present(state));
        await registration.RemoveAsync(TestContext.Current.CancellationToken);
        Assert.Equal("none", Present(state));
    }

    private async Task BeatAsync(Func<RecordedRequest, HttpResponseMessage> answer, TimeSpan next)
    {
        _wire.Answer = answer;
        _time.Advance(Interval);
        await _time.ReachWaitAsync(next);
    }

    /// <summary>The one state whose value is 1; the others are there with 0.</summary>
    private static string Present(MetricCollector<int> state)
    {
        var lines = state.Observe();
        Assert.Equal(5, lines.Length);
        return Assert.Single(lines, line => line.StartsWith("1 ", StringComparison.Ordinal))["1 state=".Length..];
    }
}
