using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.Tests.Outbound.Calls;

public sealed class DeadlineTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Send_no_answer_within_the_timeout_throws_as_HttpClient_does(string method)
    {
        using var mesh = Fleet.Of(3, s => s.Timeout = TimeSpan.FromSeconds(2));
        mesh.All(Answers.Hang);

        var call = mesh.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), Fleet.Url), Token);
        mesh.Time.Advance(TimeSpan.FromSeconds(1.999));
        Assert.False(call.IsCompleted);
        mesh.Time.Advance(TimeSpan.FromSeconds(0.001));
        await call.Settle();

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
        Assert.IsType<TimeoutException>(exception.InnerException);
        Assert.Contains("'catalog'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Timeout 2 s", exception.Message, StringComparison.Ordinal);
        Assert.Contains(mesh.Network.Received.Single().Endpoint, exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, mesh.InFlight());
        Assert.Single(mesh.Catalog().Endpoints.Current.All, e => e.Health.HasFailures);

        mesh.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Single(mesh.Network.Received);
    }

    /// <summary>The endpoint gets the time as its deadline, so both clocks end together, and its answer may come first.</summary>
    [Theory]
    [InlineData(504, true, 2_000, true)]
    [InlineData(504, true, 1_999, true)]
    [InlineData(499, true, 1_999, true)]
    [InlineData(500, true, 1_955, true)]
    // Early, or for another reason: the answer is the endpoint's.
    [InlineData(504, true, 1_949, false)]
    [InlineData(504, false, 1_999, false)]
    [InlineData(404, true, 1_999, false)]
    public async Task Send_answer_that_the_time_is_over_ends_as_the_time_does(int status, bool marked, int afterMs, bool timedOut)
    {
        using var mesh = Fleet.Of(2, s => s.Timeout = TimeSpan.FromSeconds(2));
        var content = new TrackedContent("late");
        mesh.All((_, _) => Spent(mesh, status, marked, afterMs, content));

        var call = mesh.Client.PostAsync(Fleet.Url, null, Token);

        if (timedOut)
        {
            var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
            Assert.IsType<TimeoutException>(exception.InnerException);
            Assert.Contains("(Timeout 2 s). It was waiting for 10.0.0.", exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("Tried before", exception.Message, StringComparison.Ordinal);
            Assert.True(content.Disposed);
            Assert.Single(mesh.Catalog().Endpoints.Current.All, endpoint => endpoint.Health.HasFailures);
        }
        else
        {
            using var response = await call;
            Assert.Equal(status, (int)response.StatusCode);
        }

        Assert.Single(mesh.Network.Received);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Send_answer_that_the_time_is_over_is_measured_as_a_timeout()
    {
        using var mesh = Fleet.Of(1, s => s.Timeout = TimeSpan.FromSeconds(2));
        using var attempts = new MetricCollector<long>(
            mesh.Provider.GetRequiredService<IMeterFactory>(), MeshTelemetry.MeterName, "mesh.client.attempts");
        mesh.All((_, _) => Spent(mesh, 504, marked: true, 1_999, new TrackedContent("late")));

        await Assert.ThrowsAsync<TaskCanceledException>(() => mesh.Client.GetAsync(Fleet.Url, Token));

        Assert.Equal("timeout", Assert.Single(attempts.GetMeasurementSnapshot()).Tags["mesh.outcome"]);
        Assert.Equal(1, mesh.Failures());
    }

    /// <summary>While time is left for another attempt, the answer is one like any other.</summary>
    [Fact]
    public async Task Send_answer_that_the_time_is_over_is_repeated_while_there_is_time()
    {
        using var mesh = Fleet.Of(2, s =>
        {
            s.Timeout = TimeSpan.FromSeconds(2);
            s.AttemptTimeout = TimeSpan.FromSeconds(0.5);
        });
        var spent = true;
        mesh.All((_, _) =>
        {
            var first = spent;
            spent = false;
            return first ? Spent(mesh, 504, marked: true, 400, new TrackedContent("early"))
                : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        });

        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, mesh.Network.Received.Count);
    }

    [Fact]
    public async Task Send_deadline_spans_all_attempts_and_names_them()
    {
        using var mesh = Fleet.Of(3, s =>
        {
            s.Timeout = TimeSpan.FromSeconds(2);
            s.AttemptTimeout = TimeSpan.FromSeconds(0.5);
        });
        mesh.All(Answers.Hang);

        var start = mesh.Time.GetTimestamp();
        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token), 10));

        // The last attempt has the rest of the deadline.
        Assert.InRange(mesh.Time.GetElapsedTime(start), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));
        Assert.Equal(3, mesh.Network.Received.Count);
        var first = mesh.Network.Received.First().Endpoint;
        Assert.Contains($"{first}: no answer after 500 ms", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"waiting for {mesh.Network.Received.Last().Endpoint}", exception.Message, StringComparison.Ordinal);
        Assert.Equal(1, exception.Message.Split("raise Mesh:Services:catalog:Timeout").Length - 1);
    }

    [Fact]
    public async Task Send_attempt_timeout_leaves_a_stuck_endpoint_for_another()
    {
        using var mesh = Fleet.Of(3, s => s.AttemptTimeout = TimeSpan.FromSeconds(0.5));
        var first = true;
        mesh.All((request, token) =>
        {
            var stuck = first;
            first = false;
            return stuck ? Answers.Hang(request, token) : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        });

        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        mesh.Time.Advance(TimeSpan.FromSeconds(0.499));
        Assert.Single(mesh.Network.Received);
        mesh.Time.Advance(TimeSpan.FromSeconds(0.001));

        using var response = await call;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, mesh.Network.Received.Select(r => r.Endpoint).Distinct().Count());
    }

    [Fact]
    public async Task Send_attempt_cut_short_for_another_gets_it_although_the_budget_was_spent_meanwhile()
    {
        using var mesh = Fleet.Of(3, s => s.AttemptTimeout = TimeSpan.FromSeconds(0.5));
        mesh.All((request, token) => mesh.Network.Received.Count == 1 ? Answers.Hang(request, token)
            : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)));

        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        while (mesh.Catalog().Budget.TryWithdraw())
        {
        }

        mesh.Time.Advance(TimeSpan.FromSeconds(0.5));

        using var response = await call;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(2, mesh.Network.Received.Count);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public async Task Send_learned_timeout_never_leaves_the_only_endpoint(int endpoints, int requests)
    {
        using var mesh = Fleet.Of(endpoints);
        for (var i = 0; i < 200; i++)
        {
            mesh.Catalog().LearnedTimeout.Observe(TestTime.Milliseconds(1));
        }

        var answer = new TaskCompletionSource<HttpResponseMessage>();
        mesh.All((_, token) => mesh.Network.Received.Count == 1 ? answer.Task.WaitAsync(token)
            : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)));
        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        answer.TrySetResult(new HttpResponseMessage(HttpStatusCode.OK));

        using var response = await call;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(requests, mesh.Network.Received.Count);
    }

    [Theory]
    [InlineData("post")]
    [InlineData("no retries")]
    [InlineData("no budget")]
    [InlineData("body sent once")]
    public async Task Send_attempt_timeout_is_not_applied_where_no_further_attempt_may_follow(string why)
    {
        using var mesh = Fleet.Of(3, s =>
        {
            s.AttemptTimeout = TimeSpan.FromSeconds(0.5);
            s.Retry.BudgetRatio = 0;
            s.Retry.MaxRetries = why == "no retries" ? 0 : 2;
        });
        var release = new TaskCompletionSource<HttpResponseMessage>();
        mesh.All((_, token) => release.Task.WaitAsync(token));
        while (why == "no budget" && mesh.Catalog().Budget.TryWithdraw())
        {
        }

        var request = why switch
        {
            "post" => new HttpRequestMessage(HttpMethod.Post, Fleet.Url),
            "body sent once" => new HttpRequestMessage(HttpMethod.Put, Fleet.Url)
            {
                Content = new StreamContent(new ForwardOnlyStream([1])),
            },
            _ => new HttpRequestMessage(HttpMethod.Get, Fleet.Url),
        };
        var call = mesh.Client.SendAsync(request, Token);
        mesh.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(call.IsCompleted);
        release.SetResult(new HttpResponseMessage(HttpStatusCode.OK));

        using var response = await call;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Single(mesh.Network.Received);
    }

    [Fact]
    public async Task Send_learned_attempt_timeout_applies_after_100_answers()
    {
        using var mesh = Fleet.Of(3);
        async Task<int> AttemptsOfStuckCall()
        {
            mesh.All(Answers.Hang);
            var before = mesh.Network.Received.Count;
            using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var call = mesh.Client.GetAsync(Fleet.Url, caller.Token);
            mesh.Time.Advance(TimeSpan.FromMilliseconds(250));
            var count = mesh.Network.Received.Count - before;
            await caller.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
            mesh.All(Answers.Status(HttpStatusCode.OK));
            return count;
        }

        async Task Answer(int count)
        {
            for (var i = 0; i < count; i++)
            {
                (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();
            }
        }

        await Answer(99);
        Assert.Equal(1, await AttemptsOfStuckCall());
        await Answer(1);
        Assert.Equal(2, await AttemptsOfStuckCall());
    }

    [Fact]
    public async Task Send_infinite_timeout_waits_on()
    {
        using var mesh = Fleet.Of(1, s => s.Timeout = Timeout.InfiniteTimeSpan);
        var release = new TaskCompletionSource<HttpResponseMessage>();
        mesh.All((_, token) => release.Task.WaitAsync(token));

        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        mesh.Time.Advance(TimeSpan.FromDays(3));
        Assert.False(call.IsCompleted);
        release.SetResult(new HttpResponseMessage(HttpStatusCode.OK));
        Assert.Equal(HttpStatusCode.OK, (await call).StatusCode);
    }

    private static Task<HttpResponseMessage> Spent(MeshFixture mesh, int status, bool marked, int afterMs, HttpContent content)
    {
        mesh.Time.Advance(TimeSpan.FromMilliseconds(afterMs));
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = content };
        if (marked)
        {
            response.Headers.Add("mesh-outcome", "deadline");
        }

        return Task.FromResult(response);
    }
}
