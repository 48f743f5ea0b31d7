using System.Globalization;
using System.Net;
using Mesh.Client.Eureka;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using static Mesh.Client.Tests.Eureka.TestInstance;

namespace Mesh.Client.Tests.Eureka;

public sealed class EurekaSourceTests : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private readonly StepTimeProvider _time = new();
    private readonly ScriptedRegistry _wire = new();
    private readonly RecordingSink _sink = new();
    private readonly FakeLogger<EurekaSource> _logger = new();
    private readonly CancellationTokenSource _stop = new();
    private EurekaClient? _client;
    private ModelInForce? _configuration;
    private Task _running = Task.CompletedTask;

    /// <summary>The loop ends with its token, whatever it was doing.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Patience.For(_running, "the end of the loop");
        _client?.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Run_fetches_all_then_changes()
    {
        Answers(
            all: Json(Of("a", port: 1), Of("b", port: 2)),
            delta: Json("UP_2_", Of("a", port: 1, deleted: true), Of("c", port: 3)));
        Start();

        await _time.ReachWaitAsync(Interval);
        Assert.Equal(["orders=http://127.0.0.1:1/,http://127.0.0.1:2/", "ready"], _sink.Take());

        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);
        Assert.Equal(["orders=http://127.0.0.1:2/,http://127.0.0.1:3/"], _sink.Take());
        Assert.Equal(["GET /eureka/apps", "GET /eureka/apps/delta"], Lines());
    }

    [Fact]
    public async Task Run_hash_that_does_not_match_fetches_all_at_once()
    {
        Answers(all: Json(Of("a", port: 1)), delta: Json("UP_2_"));
        Start();
        await _time.ReachWaitAsync(Interval);
        Answers(all: Json(Of("a", port: 1), Of("b", port: 2)), delta: Json("UP_2_"));

        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);

        Assert.Equal(["GET /eureka/apps", "GET /eureka/apps/delta", "GET /eureka/apps"], Lines());
        Assert.Equal(2, _sink.Services["orders"].Count);
        Assert.Single(Logged(2102));
    }

    [Fact]
    public async Task Run_delta_refused_fetches_all_for_a_while()
    {
        _wire.Answer = request => request.Line == "GET /eureka/apps/delta"
            ? ScriptedRegistry.Status(HttpStatusCode.Forbidden)
            : ScriptedRegistry.Json(Json(Of("a", port: 1)));
        Start();

        for (var i = 0; i < 23; i++)
        {
            await _time.PassWaitAsync(Interval);
        }

        await _time.ReachWaitAsync(Interval);
        var lines = Lines();
        Assert.Equal(24, lines.Count(line => line == "GET /eureka/apps"));
        Assert.Equal(
            [1, 23], lines.Index().Where(line => line.Item.EndsWith("delta", StringComparison.Ordinal)).Select(line => line.Index));
        Assert.Empty(Logged(2100));
    }

    [Theory]
    [InlineData("302")]
    [InlineData("400")]
    [InlineData("405")]
    [InlineData("500")]
    [InlineData("501")]
    [InlineData("html")]
    [InlineData("empty")]
    public async Task Run_delta_that_cannot_be_used_fetches_all_at_once(string answer)
    {
        DeltaAnswers(answer, all: Json(Of("a", port: 1)));
        Start();
        await _time.ReachWaitAsync(Interval);
        DeltaAnswers(answer, all: Json(Of("a", port: 1), Of("b", port: 2)));

        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);

        Assert.Equal(["GET /eureka/apps", "GET /eureka/apps/delta", "GET /eureka/apps"], Lines());
        Assert.Equal(2, _sink.Services["orders"].Count);
        Assert.Empty(Logged(2100));
    }

    [Fact]
    public async Task Run_delta_that_can_never_be_used_is_asked_for_now_and_then_with_one_warning()
    {
        DeltaAnswers("500", all: Json(Of("a", port: 1)));
        Start();

        for (var i = 0; i < 45; i++)
        {
            await _time.PassWaitAsync(Interval);
        }

        await _time.ReachWaitAsync(Interval);
        var lines = Lines();
        Assert.Equal(46, lines.Count(line => line == "GET /eureka/apps"));

        // Three rounds in a row with both, then 20 of everything alone, then one with both.
        Assert.Equal(
            [1, 3, 5, 27, 49],
            lines.Index().Where(line => line.Item.EndsWith("delta", StringComparison.Ordinal)).Select(line => line.Index));
        var warning = Assert.Single(Logged(2106));
        Assert.Equal("DeltaGivenUp", warning.Id.Name);
        Assert.Contains("answered 500", warning.Message, StringComparison.Ordinal);
        Assert.Equal(5, Logged(2105).Count);
        Assert.Empty(Logged(2100));
    }

    [Fact]
    public async Task Run_delta_that_is_back_is_used_again()
    {
        DeltaAnswers("500", all: Json(Of("a", port: 1)));
        Start();
        for (var i = 0; i < 3; i++)
        {
            await _time.PassWaitAsync(Interval);
        }

        await _time.ReachWaitAsync(Interval);
        Answers(all: Json(Of("a", port: 1)), delta: Json("UP_1_"));
        for (var i = 0; i < 21; i++)
        {
            _time.Advance(Interval);
            await _time.ReachWaitAsync(Interval);
        }

        Lines();
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);
        Assert.Equal(["GET /eureka/apps/delta"], Lines());

        // A single failure later on is none of many.
        DeltaAnswers("500", all: Json(Of("a", port: 1)));
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);
        Assert.Equal(["GET /eureka/apps/delta", "GET /eureka/apps", "GET /eureka/apps/delta", "GET /eureka/apps"], Lines());
        Assert.Single(Logged(2106));
    }

    [Fact]
    public async Task Run_delta_that_cannot_be_used_is_asked_of_the_next_server()
    {
        _wire.Answer = request => request.Line.EndsWith("delta", StringComparison.Ordinal)
            ? request.Uri.Host == "registry" ? ScriptedRegistry.Status(HttpStatusCode.InternalServerError)
                : ScriptedRegistry.Json(Json("UP_1_"))
            : ScriptedRegistry.Json(Json(Of("a", port: 1)));
        Start(configure: options => options.Discovery.Eureka.ServiceUrls.Add("http://second:8761/eureka/"));
        await _time.PassWaitAsync(Interval);
        await _time.ReachWaitAsync(Interval);

        Assert.Equal(
            ["registry apps", "registry delta", "second delta"],
            _wire.Rest().Select(request => $"{request.Uri.Host} {request.Line.Split('/')[^1]}"));
    }

    [Fact]
    public async Task Run_delta_without_an_answer_fails_until_changes_can_be_lost_then_fetches_all()
    {
        _wire.Answer = request => request.Line.EndsWith("delta", StringComparison.Ordinal)
            ? throw new HttpRequestException(HttpRequestError.ConnectionError, "cut")
            : ScriptedRegistry.Json(Json(Of("a", port: 1), Of("b", port: 2)));
        Start();
        await _time.PassWaitAsync(Interval);

        // 158.25 s after the answer, and then more than the three minutes for which a server tells of a change.
        foreach (var seconds in new[] { 0.75, 1.5, 3, 6, 12, 22.5, 22.5, 22.5, 22.5, 22.5 })
        {
            await _time.PassWaitAsync(TimeSpan.FromSeconds(seconds));
        }

        await _time.ReachWaitAsync(TimeSpan.FromSeconds(22.5));
        Assert.DoesNotContain("GET /eureka/apps", Lines().Skip(1));
        _time.Advance(TimeSpan.FromSeconds(22.5));
        await _time.ReachWaitAsync(Interval);

        Assert.Equal(["GET /eureka/apps"], Lines());
        Assert.Single(Logged(2100));
        Assert.Single(Logged(2101));
    }

    [Fact]
    public async Task Run_asked_fetches_at_once_but_5_s_after_the_last_time()
    {
        Answers(all: Json(Of("a", port: 1)), delta: Json("UP_1_"));
        Start();
        await _time.ReachWaitAsync(Interval);
        _time.Advance(TimeSpan.FromSeconds(20));
        Lines();

        // A quarter of a second of the spread, with this random number.
        _sink.Signal.Ask();
        await _time.PassWaitAsync(TimeSpan.FromSeconds(0.25));
        await _time.ReachWaitAsync(Interval);
        Assert.Equal(["GET /eureka/apps/delta"], Lines());

        _time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 100; i++)
        {
            _sink.Signal.Ask();
        }

        await _time.PassWaitAsync(TimeSpan.FromSeconds(4));
        await _time.ReachWaitAsync(Interval);
        Assert.Equal(["GET /eureka/apps/delta"], Lines());
    }

    [Fact]
    public async Task Run_needed_fetches_at_once_but_a_second_after_the_last_time()
    {
        Answers(all: Json(Of("a", port: 1)), delta: Json("UP_1_"));
        Start();
        await _time.ReachWaitAsync(Interval);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Lines();

        _sink.Signal.Ask();
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(4.5));
        _sink.Signal.Need(_time);
        await _time.PassWaitAsync(TimeSpan.FromSeconds(0.5));
        await _time.ReachWaitAsync(Interval);
        Assert.Equal(["GET /eureka/apps/delta"], Lines());
    }

    [Fact]
    public async Task Run_other_servers_of_the_configuration_are_asked_at_once()
    {
        Answers(all: Json(Of("a", port: 1)), delta: Json("UP_1_"));
        Start();
        await _time.ReachWaitAsync(Interval);
        Lines();

        _configuration!.Replace(new MeshModel(
            new MeshOptions { Discovery = { Eureka = { ServiceUrls = { "http://other:8761/eureka/" } } } }, generation: 2));
        _configuration.Tell(static (exception, _) => Assert.Fail(exception.ToString()));

        await _time.ReachWaitAsync(Interval);
        Assert.Equal(["GET /eureka/apps"], Lines());
    }

    [Fact]
    public async Task Run_asked_just_before_its_time_does_not_wait_longer_for_it()
    {
        Answers(all: Json(Of("a", port: 1)), delta: Json("UP_1_"));
        Start();
        await _time.ReachWaitAsync(Interval);
        _time.Advance(Interval - TimeSpan.FromSeconds(0.1));
        _sink.Signal.Ask();
        await _time.PassWaitAsync(TimeSpan.FromSeconds(0.1));
        await _time.ReachWaitAsync(Interval);
        Assert.Equal(["GET /eureka/apps", "GET /eureka/apps/delta"], Lines());
    }

    [Fact]
    public async Task Run_asked_while_the_registry_is_in_trouble_keeps_its_pace()
    {
        _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.ServiceUnavailable);
        Start();
        await _time.PassWaitAsync(TimeSpan.FromSeconds(0.75));
        await _time.PassWaitAsync(TimeSpan.FromSeconds(1.5));
        await _time.PassWaitAsync(TimeSpan.FromSeconds(3));
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(6));
        Lines();

        _sink.Signal.Ask();
        _time.Advance(TimeSpan.FromSeconds(6) - TimeSpan.FromTicks(1));

        // A request that should not come needs a moment to come.
        using var breath = new PeriodicTimer(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        for (var i = 0; i < 20; i++)
        {
            await breath.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        Assert.Empty(Lines());
    }

    [Theory]
    [InlineData("500")]
    [InlineData("html")]
    [InlineData("half")]
    [InlineData("refused")]
    public async Task Run_bad_answers_keep_what_is_known_and_are_logged_once(string fault)
    {
        Answers(all: Json(Of("a", port: 1)), delta: Json("UP_1_"));
        Start();
        await _time.ReachWaitAsync(Interval);
        _sink.Take();

        _wire.Answer = _ => fault switch
        {
            "500" => ScriptedRegistry.Status(HttpStatusCode.InternalServerError),
            "html" => ScriptedRegistry.Json("<html/>"),
            "half" => ScriptedRegistry.Json(Captures.Text("apps-three")[..500]),
            _ => throw new HttpRequestException("refused"),
        };
        _time.Advance(Interval);

        // 1 s, 2 s, 4 s, … of which three quarters with this random number, up to the interval.
        foreach (var seconds in new[] { 0.75, 1.5, 3, 6, 12, 22.5, 22.5 })
        {
            await _time.PassWaitAsync(TimeSpan.FromSeconds(seconds));
        }

        Assert.Empty(_sink.Take());
        Assert.Equal("RegistryUnusable", Assert.Single(Logged(2100)).Id.Name);
        Assert.Empty(Logged(2101));

        await _time.ReachWaitAsync(TimeSpan.FromSeconds(22.5));
        Answers(all: Json(Of("a", port: 1)), delta: Json("UP_1_"));
        _time.Advance(TimeSpan.FromSeconds(22.5));
        await _time.ReachWaitAsync(Interval);

        Assert.Equal("The registry answers again, after 8 failed fetch(es).", Assert.Single(Logged(2101)).Message);
        Assert.Empty(_sink.Take());
    }

    /// <summary>A registry that came back with another password: the refused connection is not the truth for ever.</summary>
    [Theory]
    [InlineData("refused", "401", "answered 401")]
    [InlineData("refused", "timeout", "no answer within 8 s")]
    [InlineData("refused", "html", "is not a Eureka application list")]
    [InlineData("refused", "certificate", "the certificate is not trusted")]
    [InlineData("timeout", "refused", "refused")]
    [InlineData("401", "403", "answered 403")]
    [InlineData("html", "401", "answered 401")]
    [InlineData("refused", "no name", null)]
    [InlineData("refused", "cut", null)]
    [InlineData("html", "half", null)]
    [InlineData("401", "401", null)]
    public async Task Run_another_kind_of_failure_is_logged_a_minute_after_the_last_one(string first, string second, string? message)
    {
        Fails(first);
        Start();
        await FailureAsync(first, 0);
        var begun = _time.GetTimestamp();
        Assert.Single(Logged(2100));

        for (var round = 1; round < 8; round++)
        {
            Fails(second);
            await FailureAsync(second, round);
            Assert.Equal(
                message is not null && _time.GetElapsedTime(begun) >= TimeSpan.FromMinutes(1) ? 2 : 1, Logged(2100).Count);
        }

        Assert.True(_time.GetElapsedTime(begun) > TimeSpan.FromMinutes(1));
        Assert.Contains(message ?? string.Empty, Logged(2100)[^1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_kinds_of_failure_that_take_turns_are_logged_once_a_minute()
    {
        Fails("401");
        Start();
        await FailureAsync("401", 0);
        List<int> logged = [];
        for (var round = 1; round < 15; round++)
        {
            var fault = round % 2 == 0 ? "401" : "503";
            Fails(fault);
            await FailureAsync(fault, round);
            logged.Add(Logged(2100).Count);
        }

        // At 68.25 s it is 503 in place of 401; a minute later it is 401 in place of that.
        Assert.Equal([1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4], logged);
        Answers(all: Json(Of("a", port: 1)), delta: Json("UP_1_"));
        _time.Advance(TimeSpan.FromSeconds(22.5));
        await _time.ReachWaitAsync(Interval);
        Assert.Single(Logged(2101));
    }

    /// <summary>What a new trouble begins with is said at once, whatever the last one was.</summary>
    [Fact]
    public async Task Run_failure_after_good_answers_is_logged_at_once()
    {
        Fails("refused");
        Start();
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(0.75));
        Answers(all: Json(Of("a", port: 1)), delta: Json("UP_1_"));
        _time.Advance(TimeSpan.FromSeconds(0.75));
        await _time.ReachWaitAsync(Interval);

        Fails("refused");
        _time.Advance(Interval);
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(0.75));

        Assert.Equal(2, Logged(2100).Count);
    }

    [Fact]
    public async Task Run_registry_down_at_start_is_ready_only_with_the_first_answer()
    {
        _wire.Answer = _ => ScriptedRegistry.Status(HttpStatusCode.ServiceUnavailable);
        Start();
        await _time.PassWaitAsync(TimeSpan.FromSeconds(0.75));
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(1.5));
        Assert.Empty(_sink.Take());

        Answers(all: Json(), delta: Json(""));
        _time.Advance(TimeSpan.FromSeconds(1.5));
        await _time.PassWaitAsync(Interval);
        await _time.ReachWaitAsync(Interval);

        Assert.Equal(["ready"], _sink.Take());
        Assert.Equal("The registry answers now, after 2 failed fetch(es).", Assert.Single(Logged(2101)).Message);
    }

    [Fact]
    public async Task Run_restarted_registry_loses_no_endpoint_while_it_fills_up()
    {
        Answers(all: Json(Of("a", port: 1), Of("b", port: 2)), delta: Json("UP_2_"));
        Start();
        await _time.ReachWaitAsync(Interval);
        _sink.Take();

        Answers(all: Json(), delta: Json(""));
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);
        Answers(all: Json(Of("b", port: 2)), delta: Json("UP_1_", Of("b", port: 2)));
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);
        Assert.Empty(_sink.Take());

        // "a" does not come back: it leaves when its grace is over, 5 min after it was first missing.
        for (var i = 0; i < 8; i++)
        {
            _time.Advance(Interval);
            await _time.ReachWaitAsync(Interval);
        }

        Assert.Empty(_sink.Take());
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);
        Assert.Equal(["orders=http://127.0.0.1:2/"], _sink.Take());
        Assert.Single(Logged(2103));
    }

    [Fact]
    public async Task Run_server_that_lost_all_leases_keeps_what_is_known_with_one_line_and_recovers_with_the_next_answer()
    {
        var all = Enumerable.Range(1, 20).Select(i => Of($"i{i}", port: i)).ToArray();
        Answers(all: Json(all), delta: Json("UP_20_"));
        Start();
        await _time.ReachWaitAsync(Interval);
        _sink.Take();

        // Empty, then filling up one by one.
        for (var i = 0; i <= 20; i++)
        {
            Answers(all: Json(all[..i]), delta: Json(i == 0 ? "" : $"UP_{i}_", all[..i]));
            _time.Advance(TimeSpan.FromSeconds(1));
            _sink.Signal.Ask();
            await _time.PassWaitAsync(TimeSpan.FromSeconds(4));
            await _time.ReachWaitAsync(Interval);
        }

        Assert.Empty(_sink.Take());
        Assert.Single(Logged(2103));
        Assert.Empty(Logged(2100));
    }

    [Fact]
    public async Task Run_server_that_hangs_keeps_what_is_known_with_one_line_and_recovers_within_an_interval()
    {
        Answers(all: Json(Of("a", port: 1)), delta: Json("UP_1_"));
        Start();
        await _time.ReachWaitAsync(Interval);
        _sink.Take();

        _wire.AnswerAsync = async (_, cancellation) =>
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellation);
            throw new InvalidOperationException("Unreachable.");
        };
        _time.Advance(Interval);
        foreach (var seconds in new[] { 0.75, 1.5, 3, 6, 12, 22.5 })
        {
            // The whole request has 8 s, however much of the answer has come.
            await _time.PassWaitAsync(TimeSpan.FromSeconds(8));
            await _time.PassWaitAsync(TimeSpan.FromSeconds(seconds));
        }

        await _time.PassWaitAsync(TimeSpan.FromSeconds(8));
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(22.5));
        Answers(all: Json(Of("a", port: 1), Of("b", port: 2)), delta: Json("UP_2_", Of("b", port: 2)));
        _time.Advance(TimeSpan.FromSeconds(22.5));
        await _time.ReachWaitAsync(Interval);

        Assert.Equal(["orders=http://127.0.0.1:1/,http://127.0.0.1:2/"], _sink.Take());
        Assert.Single(Logged(2100));
        Assert.Single(Logged(2101));
    }

    [Theory]
    [InlineData(-400)]
    [InlineData(400)]
    public async Task Run_wall_clock_that_jumps_changes_neither_pace_nor_grace(int days)
    {
        Answers(all: Json(Of("a", port: 1), Of("b", port: 2)), delta: Json("UP_2_"));
        Start();
        await _time.ReachWaitAsync(Interval);
        _sink.Take();
        Answers(all: Json(Of("b", port: 2)), delta: Json("UP_1_"));
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);

        _time.Jump = TimeSpan.FromDays(days);
        for (var i = 0; i < 9; i++)
        {
            _time.Advance(Interval);
            await _time.ReachWaitAsync(Interval);
            Assert.Empty(_sink.Take());
        }

        // 5 min after it was first missing, by the clock that does not jump.
        _time.Advance(Interval);
        await _time.ReachWaitAsync(Interval);
        Assert.Equal(["orders=http://127.0.0.1:2/"], _sink.Take());
        Assert.Empty(Logged(2100));
    }

    [Fact]
    public async Task Run_fault_of_our_own_does_not_end_the_loop()
    {
        Answers(all: Json(Of("a", port: 1)), delta: Json("UP_1_"));
        var broken = true;
        Start(new FailingSink(_sink, () => broken));
        await _time.ReachWaitAsync(TimeSpan.FromSeconds(0.75));
        Assert.NotNull(Assert.Single(Logged(2100)).Exception);

        broken = false;
        _time.Advance(TimeSpan.FromSeconds(0.75));
        await _time.ReachWaitAsync(Interval);

        Assert.Contains("ready", _sink.Take());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_nothing_to_fetch_is_ready_at_once_and_asks_nobody(bool withUrl)
    {
        Start(configure: options =>
        {
            options.Discovery.Eureka.Fetch = withUrl ? false : null;
            if (!withUrl)
            {
                options.Discovery.Eureka.ServiceUrls.Clear();
            }
        });

        await _stop.CancelAsync();
        await Patience.For(_running, "the end of the loop");
        Assert.Equal(["ready"], _sink.Take());
        Assert.Empty(Lines());
    }

    private void Start(IMeshSink? sink = null, Action<MeshOptions>? configure = null)
    {
        var configuration = _configuration = TestConfiguration.Of(configure);
        _client = new EurekaClient(configuration, _time, _wire);
        _running = new EurekaSource(
            _client,
            configuration,
            _time,
            new FixedRandom(),
            TestMetrics.Of(_time),
            new RegistrySnapshot(configuration, _time, new(static () => NullLogger<RegistrySnapshot>.Instance)),
            new(() => _logger)).RunAsync(sink ?? _sink, _stop.Token);
    }

    /// <summary>The next failure, of this number, up to the pause after it.</summary>
    private async Task FailureAsync(string fault, int round)
    {
        double[] pauses = [0.75, 1.5, 3, 6, 12, 22.5];
        if (round > 0)
        {
            _time.Advance(TimeSpan.FromSeconds(pauses[Math.Min(round, pauses.Length) - 1]));
        }

        if (fault == "timeout")
        {
            await _time.PassWaitAsync(TimeSpan.FromSeconds(8));
        }

        await _time.ReachWaitAsync(TimeSpan.FromSeconds(pauses[Math.Min(round, pauses.Length - 1)]));
    }

    private void Fails(string fault) => _wire.AnswerAsync = async (_, cancellation) =>
    {
        if (fault == "timeout")
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _time, cancellation);
        }

        return fault switch
        {
            "refused" => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused"),
            "no name" => throw new HttpRequestException(HttpRequestError.NameResolutionError, "no name"),
            "cut" => throw new HttpRequestException(HttpRequestError.ResponseEnded, "cut"),
            "certificate" => throw new HttpRequestException(
                HttpRequestError.SecureConnectionError, "no TLS:", new InvalidOperationException("the certificate is not trusted")),
            "html" => ScriptedRegistry.Json("<html/>"),
            "half" => ScriptedRegistry.Json(Captures.Text("apps-three")[..500]),
            _ => ScriptedRegistry.Status((HttpStatusCode)int.Parse(fault, CultureInfo.InvariantCulture)),
        };
    };

    private void Answers(string all, string delta) =>
        _wire.Answer = request => ScriptedRegistry.Json(request.Line.EndsWith("delta", StringComparison.Ordinal) ? delta : all);

    /// <summary>Everything can be had, changes cannot.</summary>
    private void DeltaAnswers(string answer, string all) => _wire.Answer = request =>
        !request.Line.EndsWith("delta", StringComparison.Ordinal) ? ScriptedRegistry.Json(all)
        : answer == "html" ? ScriptedRegistry.Json("<html/>")
        : ScriptedRegistry.Status(answer == "empty" ? HttpStatusCode.OK : (HttpStatusCode)int.Parse(answer, CultureInfo.InvariantCulture));

    private string[] Lines() => [.. _wire.Rest().Select(request => request.Line)];

    private List<FakeLogRecord> Logged(int id) => [.. _logger.Collector.GetSnapshot().Where(record => record.Id.Id == id)];

    private sealed class FailingSink(IMeshSink inner, Func<bool> broken) : IMeshSink
    {
        public Task NewsWanted => inner.NewsWanted;

        public Task NewsNeeded => inner.NewsNeeded;

        public MeshUpdateResult Publish(MeshUpdate update) =>
            broken() ? throw new InvalidOperationException("broken sink") : inner.Publish(update);

        public bool Withdraw(string service) => inner.Withdraw(service);

        public void LeaveOut(IReadOnlySet<string> names) => inner.LeaveOut(names);

        public void Ready() => inner.Ready();

        public void BeginRead() => inner.BeginRead();

        public void EndRead(TimeSpan pause, string? failure = null) => inner.EndRead(pause, failure);

        public void StopReading() => inner.StopReading();
    }
}
