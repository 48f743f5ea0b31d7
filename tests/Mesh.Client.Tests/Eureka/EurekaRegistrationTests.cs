using System.Net;
using Mesh.Client.Eureka;
using Mesh.Client.Registration;
using Microsoft.Extensions.Logging.Testing;

namespace Mesh.Client.Tests.Eureka;

public sealed class EurekaRegistrationTests : IAsyncDisposable
{
    private const string Instance = "/eureka/apps/ORDERS/host1:orders:5001";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private readonly StepTimeProvider _time = new();
    private readonly ScriptedRegistry _wire = new();
    private readonly FakeLogger<EurekaRegistration> _logger = new();
    private readonly OwnRegistration _own = new();
    private readonly EurekaClient _client;
    private readonly EurekaRegistration _registration;

    public EurekaRegistrationTests()
    {
        _client = new EurekaClient(TestConfiguration.Of(null, "http://first/eureka/", "http://second/eureka/"), _time, _wire);
        _registration = new EurekaRegistration(_client, _own, _time, new FixedRandom(), TestMetrics.Of(_time), new(() => _logger));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The loop ends when it is told to, whatever it was doing.</summary>
    public async ValueTask DisposeAsync()
    {
        await Patience.For(_registration.EndLoopAsync(Token), "the end of the loop");
        _registration.Dispose();
        _client.Dispose();
    }

    [Fact]
    public async Task Begin_registers_as_starting_and_Set_registers_up_at_once()
    {
        Begin();
        var starting = await _wire.NextAsync();
        await _time.ReachWaitAsync(Interval);
        Assert.False(_registration.AnnouncedUp);

        // The clock stands still; the version must grow all the same.
        _own.SetLife(RegistrationStatus.Up);
        var up = await _wire.NextAsync();

        Assert.Equal("POST /eureka/apps/ORDERS", starting.Line);
        Assert.Equal("STARTING", starting.Status);
        Assert.Equal(_time.Start.ToUnixTimeMilliseconds(), starting.Dirty);
        Assert.Equal("UP", up.Status);
        Assert.Equal(starting.Dirty + 1, up.Dirty);
        Assert.True(_registration.AnnouncedUp);
    }

    [Theory]
    [InlineData(HttpRequestError.ConnectionError, false)]
    [InlineData(HttpRequestError.NameResolutionError, false)]
    [InlineData(HttpRequestError.ResponseEnded, true)]
    public async Task Set_up_counts_as_announced_only_if_a_registry_can_have_heard_of_it(HttpRequestError error, bool announced)
    {
        _wire.Answer = _ => throw new HttpRequestException(error, "no");
        Begin();
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(0.75));
        _own.SetLife(RegistrationStatus.Up);
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(1.5));

        await _registration.EndLoopAsync(Token);
        Assert.Equal(announced, _registration.AnnouncedUp);
    }

    [Fact]
    public async Task Begin_application_ready_at_once_still_registers_as_starting_first()
    {
        Begin();
        _own.SetLife(RegistrationStatus.Up);

        Assert.Equal("STARTING", (await _wire.NextAsync()).Status);
        Assert.Equal("UP", (await _wire.NextAsync()).Status);
    }

    [Fact]
    public async Task Begin_status_changed_while_the_registry_is_down_registers_the_latest_when_it_is_back()
    {
        _wire.Answer = _ => throw new HttpRequestException("refused");
        Begin();
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(0.75));
        _wire.Rest();

        _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.NoContent);
        _own.SetLife(RegistrationStatus.Up);
        await _time.ReachWaitAsync(Interval);

        Assert.Equal("UP", Assert.Single(_wire.Rest()).Status);
    }

    [Fact]
    public async Task Loop_renews_with_status_and_version()
    {
        Begin();
        var registered = await _wire.NextAsync();

        await _time.PassWaitAsync(Interval);
        var first = await _wire.NextAsync();
        await _time.PassWaitAsync(Interval);
        var second = await _wire.NextAsync();

        Assert.Equal("PUT " + Instance, first.Line);
        Assert.Equal($"?status=STARTING&lastDirtyTimestamp={registered.Dirty}", first.Uri.Query);
        Assert.Equal(first.Uri, second.Uri);
    }

    [Fact]
    public async Task Loop_heartbeat_unknown_registers_again_after_a_random_pause()
    {
        _wire.Answer = request => ScriptedRegistry.Status(request.Method == "PUT" ? HttpStatusCode.NotFound : HttpStatusCode.NoContent);
        Begin();
        var registered = await _wire.NextAsync();
        await _time.PassWaitAsync(Interval);
        Assert.Equal("PUT", (await _wire.NextAsync()).Method);

        await _time.ReachWaitAsync(TimeSpan.FromSeconds(1));
        Assert.Empty(_wire.Rest());
        _time.Advance(TimeSpan.FromSeconds(1));

        var again = await _wire.NextAsync();
        Assert.Equal("POST", again.Method);
        Assert.Equal("STARTING", again.Status);
        Assert.True(again.Dirty > registered.Dirty);
        Assert.Equal("RegistrationForgotten", Assert.Single(Logged(2121)).Id.Name);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Loop_heartbeat_fails_repeats_the_heartbeat_and_never_registers(bool answers)
    {
        Begin();
        var registered = await _wire.NextAsync();
        await _time.ReachWaitAsync(Interval);
        _wire.Answer = _ => answers
            ? ScriptedRegistry.Status(HttpStatusCode.InternalServerError)
            : throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused");
        _time.Advance(Interval);

        foreach (var seconds in new[] { 0.75, 1.5, 3 })
        {
            await _time.PassWaitAsync(TimeSpan.FromSeconds(seconds));
        }

        await _time.ReachWaitAsync(TimeSpan.FromSeconds(6));
        _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.OK);
        _time.Advance(TimeSpan.FromSeconds(6));
        await _time.ReachWaitAsync(Interval);

        var requests = _wire.Rest();
        Assert.All(requests, request => Assert.Equal("PUT", request.Method));
        Assert.All(
            requests, request => Assert.EndsWith($"lastDirtyTimestamp={registered.Dirty}", request.Uri.Query, StringComparison.Ordinal));

        // Four rounds over both servers, then the first that is asked answers.
        Assert.Equal(9, requests.Count);
        Assert.StartsWith(
            "The registry does not accept the registration or the heartbeats of this instance. The request is repeated until it succeeds. ",
            Assert.Single(Logged(2122)).Message,
            StringComparison.Ordinal);
        Assert.Equal(
            "The registry accepts the registration and the heartbeats of this instance again, after 4 failure(s).",
            Assert.Single(Logged(2123)).Message);
    }

    [Fact]
    public async Task Loop_first_server_dead_registers_and_renews_at_the_second()
    {
        _wire.Answer = request => request.Uri.Host == "first"
            ? throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused")
            : ScriptedRegistry.Status(HttpStatusCode.OK);

        Begin();
        await _time.PassWaitAsync(Interval);
        await _time.ReachWaitAsync(Interval);

        Assert.Equal(["POST first", "POST second", "PUT second"], _wire.Rest().Select(request => $"{request.Method} {request.Uri.Host}"));
        Assert.Empty(Logged(2122));
    }

    [Fact]
    public async Task Loop_registration_refused_is_tried_again_and_says_the_servers_words()
    {
        _wire.Answer = _ => new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StringContent("Missing hostname") };
        Begin();

        await _time.PassWaitAsync(TimeSpan.FromSeconds(0.75));
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(1.5));

        Assert.Contains("answered 400 \"Missing hostname\"", Assert.Single(Logged(2122)).Message, StringComparison.Ordinal);
        Assert.All(_wire.Rest(), request => Assert.Equal("STARTING", request.Status));

        _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.NoContent);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        await _time.ReachWaitAsync(Interval);
        Assert.Equal(
            "The registry accepts the registration and the heartbeats of this instance now, after 2 failure(s).",
            Assert.Single(Logged(2123)).Message);
    }

    /// <summary>A registry that came back with another password: the refused connection is not the truth for ever.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Loop_another_kind_of_failure_is_logged_a_minute_after_the_last_one(bool registered)
    {
        _wire.Answer = _ => registered ? ScriptedRegistry.Status(HttpStatusCode.OK) : throw Refused();
        Begin();
        if (registered)
        {
            await _time.ReachWaitAsync(Interval);
            _wire.Answer = _ => throw Refused();
            _time.Advance(Interval);
        }

        await _time.ReachWaitAsync(TimeSpan.FromSeconds(0.75));
        Assert.Contains("Connection refused", Assert.Single(Logged(2122)).Message, StringComparison.Ordinal);

        _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.Unauthorized);
        Assert.Equal([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2], await LinesAsync());
        Assert.Contains("answered 401", Logged(2122)[^1].Message, StringComparison.Ordinal);

        _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.OK);
        _time.Advance(TimeSpan.FromSeconds(22.5));
        await _time.ReachWaitAsync(Interval);
        Assert.Single(Logged(2123));
    }

    /// <summary>Which server is asked first changes with the quarantine, and is no news.</summary>
    [Fact]
    public async Task Loop_same_failures_of_two_servers_in_another_order_are_logged_once()
    {
        var dead = "first";
        _wire.Answer = request => request.Uri.Host == dead ? throw Refused() : ScriptedRegistry.Status(HttpStatusCode.Unauthorized);
        Begin();
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(0.75));

        dead = "second";
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1], await LinesAsync());

        // One of them is the news that the other was not.
        dead = "none";
        _time.Advance(TimeSpan.FromSeconds(22.5));
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(22.5));
        Assert.Equal(2, Logged(2122).Count);
    }

    [Fact]
    public async Task Farewell_is_DOWN_then_DELETE_and_nothing_else_after_the_loop_has_ended()
    {
        Begin();
        _own.SetLife(RegistrationStatus.Up);
        Assert.Equal("STARTING", (await _wire.NextAsync()).Status);
        var up = await _wire.NextAsync();
        await _time.ReachWaitAsync(Interval);

        await _registration.EndLoopAsync(Token);
        _time.Advance(Interval * 3);
        _own.SetLife(RegistrationStatus.Down);
        await _registration.AnnounceDownAsync(Token);
        await _registration.RemoveAsync(Token);

        var farewell = _wire.Rest();
        Assert.Equal(["POST /eureka/apps/ORDERS", "DELETE " + Instance], farewell.Select(request => request.Line));
        Assert.Equal("DOWN", farewell[0].Status);
        Assert.True(farewell[0].Dirty > up.Dirty);
    }

    [Fact]
    public async Task Farewell_without_a_registration_asks_nobody()
    {
        await _registration.EndLoopAsync(Token);
        _own.SetLife(RegistrationStatus.Down);
        await _registration.AnnounceDownAsync(Token);
        await _registration.RemoveAsync(Token);

        Assert.Empty(_wire.Rest());
    }

    [Fact]
    public async Task Farewell_registration_gone_already_is_fine()
    {
        Begin();
        await _time.ReachWaitAsync(Interval);
        await _registration.EndLoopAsync(Token);
        _wire.Answer = request => ScriptedRegistry.Status(request.Method == "DELETE" ? HttpStatusCode.NotFound : HttpStatusCode.NoContent);

        await _registration.RemoveAsync(Token);

        Assert.Empty(Logged(2124));
    }

    [Fact]
    public async Task Farewell_hanging_registry_gets_two_seconds_shared_by_its_servers()
    {
        Begin();
        await _time.ReachWaitAsync(Interval);
        await _registration.EndLoopAsync(Token);
        _wire.Rest();
        _wire.AnswerAsync = async (_, cancellation) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellation);
            return ScriptedRegistry.Status(HttpStatusCode.OK);
        };

        _own.SetLife(RegistrationStatus.Down);
        var down = _registration.AnnounceDownAsync(Token);
        await _time.PassWaitAsync(TimeSpan.FromSeconds(1));
        await _time.PassWaitAsync(TimeSpan.FromSeconds(1));

        await Patience.For(down, "the end of the farewell");
        Assert.Equal(["first", "second"], _wire.Rest().Select(request => request.Uri.Host));
        Assert.StartsWith(
            "The registry could not be told that this instance is DOWN; callers learn", Assert.Single(Logged(2124)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Farewell_that_fails_says_what_the_registry_does_not_know()
    {
        Begin();
        await _time.ReachWaitAsync(Interval);
        await _registration.EndLoopAsync(Token);
        _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.ServiceUnavailable);

        _own.SetLife(RegistrationStatus.Down);
        await _registration.AnnounceDownAsync(Token);
        await _registration.RemoveAsync(Token);

        Assert.Equal(
            ["The registry could not be told that this instance is DOWN", "The registry could not be told that this instance has ended"],
            Logged(2124).Select(static record => record.Message.Split(';')[0]));
    }

    [Fact]
    public async Task EndLoop_while_a_heartbeat_is_under_way_ends_it()
    {
        Begin();
        await _time.ReachWaitAsync(Interval);
        _wire.AnswerAsync = async (_, cancellation) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellation);
            return ScriptedRegistry.Status(HttpStatusCode.NotFound);
        };
        _wire.Rest();
        _time.Advance(Interval);
        Assert.Equal("PUT", (await _wire.NextAsync()).Method);

        await Patience.For(_registration.EndLoopAsync(Token), "the end of the loop");
        _time.Advance(Interval);

        Assert.Empty(_wire.Rest());
    }

    [Fact]
    public async Task EndLoop_waits_for_a_heartbeat_that_cannot_be_cancelled()
    {
        Begin();
        await _time.ReachWaitAsync(Interval);
        var heartbeat = new TaskCompletionSource<HttpResponseMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _wire.AnswerAsync = (_, _) => heartbeat.Task;
        _wire.Rest();
        _time.Advance(Interval);
        Assert.Equal("PUT", (await _wire.NextAsync()).Method);

        var end = _registration.EndLoopAsync(Token);
        Assert.False(end.IsCompleted);
        heartbeat.SetResult(ScriptedRegistry.Status(HttpStatusCode.NotFound));

        await Patience.For(end, "the end of the loop");
        Assert.Empty(_wire.Rest());
    }

    private static HttpRequestException Refused() => new(HttpRequestError.ConnectionError, "Connection refused");

    /// <summary>How many lines there are after each further failure.</summary>
    private async Task<List<int>> LinesAsync()
    {
        List<int> lines = [];
        var pause = TimeSpan.FromSeconds(0.75);
        foreach (var next in new[] { 1.5, 3, 6, 12, 22.5, 22.5, 22.5, 22.5, 22.5, 22.5, 22.5 })
        {
            _time.Advance(pause);
            pause = TimeSpan.FromSeconds(next);
            await _time.ReachWaitAsync(pause);
            lines.Add(Logged(2122).Count);
        }

        return lines;
    }

    private List<FakeLogRecord> Logged(int id) => [.. _logger.Collector.GetSnapshot().Where(record => record.Id.Id == id)];

    /// <summary>As the life cycle does it.</summary>
    private void Begin(bool upAtStart = true)
    {
        _own.Begin(TestRegistration.Metadata, upAtStart);
        _registration.Begin(TestRegistration.Of());
    }
}
