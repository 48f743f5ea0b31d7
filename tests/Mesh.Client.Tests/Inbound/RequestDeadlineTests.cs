using Mesh.Client.Inbound;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Inbound;

public sealed class RequestDeadlineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The timer is used again, the token never: who kept it must not be cancelled by another request.</summary>
    [Fact]
    public async Task Return_token_kept_from_an_ended_request_is_not_cancelled_by_the_next_one()
    {
        var first = Rent(Request(), MeshClock.System, TimeSpan.FromHours(1), out var firstSeen);
        var kept = firstSeen.RequestAborted;
        first.Return();

        var second = Rent(Request(), MeshClock.System, TimeSpan.FromMilliseconds(1), out var secondSeen);
        var cancelled = new TaskCompletionSource();
        await using (secondSeen.RequestAborted.UnsafeRegister(_ => cancelled.SetResult(), null))
        {
            await cancelled.Task.WaitAsync(TimeSpan.FromMinutes(1), Token);
        }

        Assert.True(second.NeedsAnswer);
        Assert.False(kept.IsCancellationRequested);
        second.Return();
        var third = Rent(Request(), MeshClock.System, TimeSpan.FromHours(1), out var thirdSeen);
        Assert.False(third.NeedsAnswer);
        Assert.False(thirdSeen.RequestAborted.IsCancellationRequested);
        third.Return();
    }

    [Fact]
    public void RequestAborted_asked_for_when_the_time_is_up_is_cancelled()
    {
        var time = new FakeTimeProvider();
        var deadline = Rent(Request(), new MeshClock(time), TimeSpan.FromMilliseconds(100), out var seen);
        time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.True(seen.RequestAborted.IsCancellationRequested);
        deadline.Return();
    }

    /// <summary>Timers reach 49 days, and a caller may send any deadline.</summary>
    [Theory]
    [InlineData(49)]
    [InlineData(50)]
    [InlineData(400)]
    [InlineData(4_000_000)]
    public void RequestAborted_asked_for_with_a_deadline_beyond_all_timers_is_there(int days)
    {
        foreach (var clock in new[] { MeshClock.System, new MeshClock(new FakeTimeProvider()) })
        {
            var deadline = Rent(Request(), clock, TimeSpan.FromDays(days), out var seen);
            Assert.False(seen.RequestAborted.IsCancellationRequested);
            deadline.Return();
        }
    }

    /// <summary>Most of the time nobody asks, and a timer costs more than the rest.</summary>
    [Fact]
    public void Rent_without_the_application_asking_makes_no_timer_and_still_knows_when_the_time_is_up()
    {
        var time = new HeldTimer();
        var deadline = Rent(Request(), new MeshClock(time), TimeSpan.FromSeconds(1), out var seen);
        Assert.False(deadline.NeedsAnswer);
        time.Now = TimeSpan.FromSeconds(1);

        Assert.True(deadline.NeedsAnswer);
        Assert.Equal(0, time.Timers);
        _ = seen.RequestAborted;
        Assert.Equal(0, time.Timers);
        deadline.Return();

        var asked = Rent(Request(), new MeshClock(time), TimeSpan.FromSeconds(1), out var askedSeen);
        _ = askedSeen.RequestAborted;
        Assert.Equal(1, time.Timers);
        asked.Return();
    }

    /// <summary>Work that the application has left behind may ask when another request already uses the object.</summary>
    [Fact]
    public async Task RequestAborted_asked_for_while_requests_end_cancels_no_other_request()
    {
        for (var round = 0; round < 2_000; round++)
        {
            var ending = Rent(Request(), MeshClock.System, TimeSpan.FromMilliseconds(1), out var endingSeen);
            using var start = new Barrier(2);
            var late = Task.Run(
                () =>
                {
                    start.SignalAndWait(Token);
                    return endingSeen.RequestAborted;
                },
                Token);
            start.SignalAndWait(Token);
            ending.Return();
            var next = Rent(Request(), MeshClock.System, TimeSpan.FromHours(1), out var nextSeen);
            await late;
            Assert.False(next.NeedsAnswer);
            Assert.False(nextSeen.RequestAborted.IsCancellationRequested);
            next.Return();
        }
    }

    [Fact]
    public void RequestAborted_is_cancelled_when_the_client_goes_and_given_back_at_the_end()
    {
        using var client = new CancellationTokenSource();
        var context = Request();
        var own = context.Features.Get<IHttpRequestLifetimeFeature>()!;
        own.RequestAborted = client.Token;
        var deadline = Rent(context, MeshClock.System, TimeSpan.FromHours(1), out _);
        var seen = context.RequestAborted;
        client.Cancel();
        Assert.True(seen.IsCancellationRequested);
        deadline.Return();
        Assert.Same(own, context.Features.Get<IHttpRequestLifetimeFeature>());
    }

    [Fact]
    public void Timer_that_fires_when_the_server_has_taken_the_request_back_does_nothing()
    {
        var features = new FeatureCollection();
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        var context = new DefaultHttpContext(features);
        var time = new HeldTimer();
        var logger = new FakeLogger();
        var deadline = Rent(context, new MeshClock(time), TimeSpan.FromSeconds(1), out var seen, logger);
        var token = seen.RequestAborted;
        deadline.Return();
        context.Uninitialize();

        // A timer that has begun to fire is not stopped by its disposal.
        time.Fire();

        Assert.False(token.IsCancellationRequested);
        Assert.Empty(logger.Collector.GetSnapshot());
    }

    /// <summary>There are more callers than places for those that were read.</summary>
    [Fact]
    public void Caller_many_names_are_not_confused()
    {
        for (var round = 0; round < 2; round++)
        {
            Assert.All(
                Enumerable.Range(0, 500), i => Assert.Equal(new MeshCaller("shop" + i, "1." + i), ContextSyntax.Caller($"shop{i};1.{i}")));
        }
    }

    /// <summary>The application may keep the feature: what it does with it late is its own request's affair.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Feature_kept_from_an_ended_request_touches_no_other(bool asked)
    {
        var connection = new Connection();
        var ended = Rent(Request(connection), MeshClock.System, TimeSpan.FromHours(1), out var kept);
        if (asked)
        {
            _ = kept.RequestAborted;
        }

        ended.Return();
        var others = new Connection();
        var next = Rent(Request(others), MeshClock.System, TimeSpan.FromHours(1), out var nextSeen);
        var token = nextSeen.RequestAborted;
        Assert.NotSame(kept, nextSeen);

        using var replacing = new CancellationTokenSource();
        replacing.Cancel();
        _ = kept.RequestAborted;
        kept.RequestAborted = replacing.Token;
        kept.Abort();

        Assert.Equal((1, 0), (connection.Aborts, others.Aborts));
        Assert.False(token.IsCancellationRequested);
        Assert.False(nextSeen.RequestAborted.IsCancellationRequested);
        Assert.False(next.NeedsAnswer);
        next.Return();
    }

    [Fact]
    public void RequestAborted_that_the_application_replaces_is_seen_and_the_timer_ends_all_the_same()
    {
        var time = new FakeTimeProvider();
        var deadline = Rent(Request(), new MeshClock(time), TimeSpan.FromSeconds(1), out var seen);
        var before = seen.RequestAborted;
        using var own = new CancellationTokenSource();
        seen.RequestAborted = own.Token;
        Assert.Equal(own.Token, seen.RequestAborted);
        deadline.Return();

        time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(before.IsCancellationRequested);
    }

    /// <summary>On the timer's thread an exception would end the process.</summary>
    [Fact]
    public void Timer_whose_callback_and_whose_logger_throw_throws_nothing()
    {
        var time = new FakeTimeProvider();
        var deadline = Rent(Request(), new MeshClock(time), TimeSpan.FromSeconds(1), out var seen, new ThrowingLogger());
        using (seen.RequestAborted.Register(static () => throw new InvalidOperationException("the application's")))
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.True(deadline.NeedsAnswer);
        deadline.Return();
    }

    /// <summary>As the server's own token: it belongs to the request, and the connection outlives that.</summary>
    [Fact]
    public void Return_client_that_goes_later_cancels_nothing()
    {
        using var client = new CancellationTokenSource();
        var deadline =
            Rent(Request(new Connection { RequestAborted = client.Token }), MeshClock.System, TimeSpan.FromHours(1), out var seen);
        var kept = seen.RequestAborted;
        deadline.Return();

        client.Cancel();

        Assert.False(kept.IsCancellationRequested);
    }

    [Theory]
    [InlineData(false, false, true)]
    [InlineData(false, true, false)]
    [InlineData(true, false, true)]
    [InlineData(true, true, true)]
    public async Task RequestAborted_is_cancelled_behind_the_head_only_where_the_deadline_is_about_the_whole_call(
        bool untilTheEnd, bool started, bool cancelled)
    {
        var time = new FakeTimeProvider();
        var response = new StartingResponse();
        var deadline = Rent(Request(response), new MeshClock(time), TimeSpan.FromSeconds(1), out var seen, untilTheEnd: untilTheEnd);
        var token = seen.RequestAborted;
        if (started)
        {
            await response.StartAsync();
        }

        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(cancelled, token.IsCancellationRequested);
        deadline.Return();
    }

    [Theory]
    [InlineData("the answer has begun", true)]
    [InlineData("the answer has not begun", false)]
    [InlineData("it began only then, and is no gRPC", false)]
    [InlineData("the time is not up", false)]
    [InlineData("nobody has asked", false)]
    [InlineData("the client has gone", false)]
    public async Task HasCut_once_the_application_was_told_while_it_answered(string when, bool cut)
    {
        var time = new FakeTimeProvider();
        var response = new StartingResponse();
        using var client = new CancellationTokenSource();
        var context = Request(response);
        context.Features.Set<IHttpRequestLifetimeFeature>(new Connection { RequestAborted = client.Token });
        var deadline =
            Rent(context, new MeshClock(time), TimeSpan.FromSeconds(1), out var seen,
                untilTheEnd: !when.EndsWith("no gRPC", StringComparison.Ordinal));
        if (when != "nobody has asked")
        {
            _ = seen.RequestAborted;
        }

        time.Advance(TimeSpan.FromSeconds(when == "the time is not up" ? 0.9 : 1));
        if (when != "the answer has not begun")
        {
            await response.StartAsync();
        }

        if (when == "the client has gone")
        {
            client.Cancel();
        }

        Assert.Equal(cut, deadline.HasCut);
        deadline.Return();
    }

    /// <summary>The server's own token tells of the client, and there is nobody left to answer.</summary>
    [Fact]
    public void CanAnswer_until_the_client_goes()
    {
        using var client = new CancellationTokenSource();
        var deadline = Rent(Request(new Connection { RequestAborted = client.Token }), MeshClock.System, TimeSpan.FromHours(1), out _);
        Assert.True(deadline.CanAnswer);

        client.Cancel();

        Assert.False(deadline.CanAnswer);
        deadline.Return();
    }

    /// <summary>Calls of the request end that much earlier, so that there is time to say why.</summary>
    [Theory]
    [InlineData(94, false, false)]
    [InlineData(95, true, false)]
    [InlineData(100, true, true)]
    public void IsAllButOver_from_the_reserve_of_calls_on(int afterMs, bool allButOver, bool over)
    {
        var time = new FakeTimeProvider();
        var deadline = Rent(Request(), new MeshClock(time), TimeSpan.FromMilliseconds(100), out _);

        time.Advance(TimeSpan.FromMilliseconds(afterMs));

        Assert.Equal((allButOver, over), (deadline.IsAllButOver, deadline.IsOver));
        deadline.Return();
    }

    /// <summary>Work of an earlier request asks late, when the object measures the time of another one.</summary>
    [Fact]
    public void Arm_for_another_request_begins_no_timer_and_ends_nothing()
    {
        var time = new HeldTimer();
        var deadline = Rent(Request(), new MeshClock(time), TimeSpan.FromSeconds(1), out var seen);
        using var late = new CancellationTokenSource();
        var other = new TimedRequest(new ServerLoad(new MeshClock(time)), new HttpResponseFeature(), tells: false, now: default);

        deadline.Arm(other, late);
        Assert.Equal(0, time.Timers);
        time.Now = TimeSpan.FromSeconds(2);
        deadline.Arm(other, late);

        Assert.False(late.IsCancellationRequested);
        Assert.True(seen.RequestAborted.IsCancellationRequested);
        deadline.Return();
    }

    /// <summary>Its callback runs for as long as the application's do, and must find no other request in its object.</summary>
    [Fact]
    public void Return_while_the_timer_fires_gives_the_object_to_no_other_request()
    {
        var time = new HeldTimer();
        var deadline = Rent(Request(), new MeshClock(time), TimeSpan.FromSeconds(1), out var seen);
        RequestDeadline? next = null;
        using (seen.RequestAborted.UnsafeRegister(_ => EndAndServeAnother(), null))
        {
            time.Fire();
        }

        Assert.NotNull(next);
        Assert.NotSame(deadline, next);
        next.Return();

        void EndAndServeAnother()
        {
            deadline.Return();
            next = Rent(Request(), new MeshClock(time), TimeSpan.FromSeconds(1), out _);
        }
    }

    private static RequestDeadline Rent(
        HttpContext context, MeshClock clock, TimeSpan remaining, out TimedRequest seen, ILogger? logger = null, bool untilTheEnd = false)
    {
        seen = new TimedRequest(new ServerLoad(clock), new HttpResponseFeature(), tells: false, clock.Now);
        return RequestDeadline.Rent(
            context, seen, clock, clock.Now + remaining, new(() => logger ?? new FakeLogger()), untilTheEnd);
    }

    private static DefaultHttpContext Request(IHttpRequestLifetimeFeature lifetime)
    {
        var context = new DefaultHttpContext();
        context.Features.Set(lifetime);
        return context;
    }

    private static DefaultHttpContext Request(IHttpResponseFeature response)
    {
        var context = Request();
        context.Features.Set(response);
        return context;
    }

    private sealed class Connection : IHttpRequestLifetimeFeature
    {
        public int Aborts { get; private set; }

        public CancellationToken RequestAborted { get; set; }

        public void Abort() => Aborts++;
    }

    private static DefaultHttpContext Request()
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature());
        return context;
    }

    private sealed class HeldTimer : TimeProvider
    {
        public Action Fire { get; private set; } = static () => { };

        public int Timers { get; private set; }

        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Timers++;
            Fire = () => callback(state);
            return new Stopped();
        }

        private sealed class Stopped : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => default;
        }
    }
}
