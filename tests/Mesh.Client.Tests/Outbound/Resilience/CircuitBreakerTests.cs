using System.Net;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.HttpClients;
using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;

namespace Mesh.Client.Tests.Outbound.Resilience;

public sealed class CircuitBreakerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_final_failures_open_it_and_calls_are_refused_with_a_clear_message()
    {
        using var mesh = Fleet.Of(2, Small);
        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));
        await Post(mesh, 3);
        Assert.Equal(CircuitState.Closed, mesh.Catalog().Breaker.State);
        await Post(mesh, 1);
        Assert.Equal(CircuitState.Open, mesh.Catalog().Breaker.State);
        Assert.Contains(
            mesh.Logs.GetSnapshot(),
            r => r.Id.Id == 1300 && r.Id.Name == "CircuitOpened" && r.Message.Contains("'catalog'", StringComparison.Ordinal));

        mesh.Time.Advance(TimeSpan.FromSeconds(2));
        var exception = await Assert.ThrowsAsync<CallRejectedException>(() => Post(mesh, 1));

        Assert.Equal(4, mesh.Network.Received.Count);
        Assert.Equal("catalog", exception.Service);
        Assert.Contains("circuit breaker of service 'catalog' is open", exception.Message, StringComparison.Ordinal);
        Assert.Contains("next trial is due in 3 s", exception.Message, StringComparison.Ordinal);
        Assert.Contains("2 endpoints: 10.0.0.1:80, 10.0.0.2:80", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_refused_for_a_service_with_one_endpoint_names_it_as_the_only_one()
    {
        using var mesh = Fleet.Of(1, Small);
        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));
        await Post(mesh, 4);

        var exception = await Assert.ThrowsAsync<CallRejectedException>(() => Post(mesh, 1));

        Assert.EndsWith(" Its only endpoint: 10.0.0.1:80.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_failures_that_retries_hide_never_open_it()
    {
        using var mesh = Fleet.Of(4, s =>
        {
            Small(s);
            s.Retry.BudgetRatio = 1;
            s.OutlierDetection.Enabled = false;
        });
        mesh.Network.On(Fleet.At(1), HttpStatusCode.InternalServerError);

        for (var i = 0; i < 100; i++)
        {
            using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.InRange(mesh.Network.CountOf(Fleet.At(1)), 20, 40);
        Assert.Equal(CircuitState.Closed, mesh.Catalog().Breaker.State);
    }

    [Theory]
    [InlineData("429")]
    [InlineData("shed")]
    [InlineData("cancelled")]
    [InlineData("no endpoint")]
    [InlineData("body")]
    [InlineData("404")]
    [InlineData("501")]
    public async Task Send_outcomes_that_are_no_failure_of_the_service_never_count(string outcome)
    {
        using var mesh = Fleet.Of(2, Small);
        mesh.All((_, token) => outcome switch
        {
            "429" => Task.FromResult(new HttpResponseMessage(HttpStatusCode.TooManyRequests)),
            "shed" => Task.FromResult(
                new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Headers = { { "mesh-overloaded", "retry-elsewhere" } } }),
            "body" => throw new InvalidOperationException("The body cannot be read."),
            "404" => Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound)),
            "501" => Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotImplemented)),
            _ => Answers.Hang(null!, token),
        });

        for (var i = 0; i < 50; i++)
        {
            using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var url = outcome == "no endpoint" ? "https://catalog/" : Fleet.Url;
            var call = mesh.Client.PostAsync(url, null, caller.Token);
            if (outcome == "cancelled")
            {
                await caller.CancelAsync();
            }

            try
            {
                (await call).Dispose();
            }
            catch (Exception exception) when (exception is OperationCanceledException or NoEndpointException or InvalidOperationException)
            {
                // As the outcome says.
            }
        }

        Assert.Equal(CircuitState.Closed, mesh.Catalog().Breaker.State);
        Assert.Equal(outcome == "no endpoint" ? 0 : 50, mesh.Network.Received.Count);
    }

    [Theory]
    [InlineData(200, CircuitState.Closed)]
    [InlineData(500, CircuitState.Open)]
    public async Task Send_half_open_admits_exactly_one_of_many_calls(int answer, CircuitState after)
    {
        using var mesh = Fleet.Of(2, Small);
        await Open(mesh);
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        var release = new TaskCompletionSource<HttpResponseMessage>();
        mesh.All((_, token) => release.Task.WaitAsync(token));
        var before = mesh.Network.Received.Count;

        var calls = new Task<HttpResponseMessage>[32];
        Parallel.For(0, calls.Length, i => calls[i] = mesh.Client.PostAsync(Fleet.Url, null, Token));

        Assert.Equal(before + 1, mesh.Network.Received.Count);
        Assert.Equal(CircuitState.HalfOpen, mesh.Catalog().Breaker.State);
        release.SetResult(new HttpResponseMessage((HttpStatusCode)answer));
        var admitted = 0;
        foreach (var call in calls)
        {
            try
            {
                Assert.Equal(answer, (int)(await call).StatusCode);
                admitted++;
            }
            catch (CallRejectedException exception)
            {
                Assert.Contains("'catalog' is open", exception.Message, StringComparison.Ordinal);
            }
        }

        Assert.Equal(1, admitted);
        Assert.Equal(after, mesh.Catalog().Breaker.State);
    }

    /// <summary>Callers in a hurry, or who give up, must not keep the service from the others: the next call is the trial.</summary>
    [Theory]
    [InlineData("canceled")]
    [InlineData("deadline")]
    [InlineData("unsent")]
    public async Task Send_trial_that_ends_by_its_caller_leaves_it_open_and_the_next_call_is_the_trial(string how)
    {
        using var mesh = Fleet.Of(2, Small);
        await Open(mesh);
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        mesh.All(Answers.Hang);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using (MeshContext.Begin(new MeshContextValues
        {
            Timeout = how == "canceled" ? null : TimeSpan.FromMilliseconds(how == "unsent" ? 5 : 60),
        }))
        {
            var call = mesh.Client.PostAsync(Fleet.Url, null, caller.Token);
            if (how == "canceled")
            {
                await caller.CancelAsync();
            }

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => mesh.Advance(call));
        }

        Assert.Equal(CircuitState.Open, mesh.Catalog().Breaker.State);
        Assert.Single(mesh.Logs.GetSnapshot(), r => r.Id.Id == 1300);

        mesh.All(Answers.Status(HttpStatusCode.OK));
        await Post(mesh, 1);
        Assert.Equal(CircuitState.Closed, mesh.Catalog().Breaker.State);
        Assert.Contains(mesh.Logs.GetSnapshot(), r => r.Id.Id == 1301 && r.Id.Name == "CircuitClosed");
    }

    [Theory]
    [InlineData(200)]
    [InlineData(500)]
    public async Task Send_late_result_from_before_the_opening_is_not_taken_for_the_trial(int answer)
    {
        using var mesh = Fleet.Of(2, Small);
        var release = new TaskCompletionSource<HttpResponseMessage>();
        mesh.All((_, token) => release.Task.WaitAsync(token));
        var late = mesh.Client.PostAsync(Fleet.Url, null, Token);
        await Open(mesh);
        mesh.Time.Advance(TimeSpan.FromSeconds(5));

        release.SetResult(new HttpResponseMessage((HttpStatusCode)answer));
        (await late).Dispose();

        // Still open, and due for its trial: the next call is it.
        Assert.Equal(CircuitState.Open, mesh.Catalog().Breaker.State);
        mesh.All(Answers.Status(HttpStatusCode.OK));
        await Post(mesh, 1);
        Assert.Equal(CircuitState.Closed, mesh.Catalog().Breaker.State);
    }

    [Fact]
    public async Task Send_state_survives_the_rotation_of_handlers()
    {
        using var mesh = Fleet.Of(2, Small);
        await Open(mesh);

        using var rotated = new HttpMessageInvoker(new MeshHandler(mesh.Provider.GetRequiredService<CallPipeline>(), ownPrimary: false));

        await Assert.ThrowsAsync<CallRejectedException>(() => rotated.SendAsync(new HttpRequestMessage(HttpMethod.Get, Fleet.Url), Token));
    }

    /// <summary>A large upload, or a long poll, must not keep the others out.</summary>
    [Theory]
    [InlineData(200, CircuitState.Closed)]
    [InlineData(500, CircuitState.Open)]
    public async Task Send_trial_that_takes_long_is_joined_by_another_call_which_decides(int answer, CircuitState after)
    {
        using var mesh = Fleet.Of(2, service =>
        {
            Small(service);
            service.Timeout = Timeout.InfiniteTimeSpan;
        });
        await Open(mesh);
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        var release = new TaskCompletionSource<HttpResponseMessage>();
        mesh.All((_, token) => release.Task.WaitAsync(token));
        var long1 = mesh.Client.PostAsync(Fleet.Url, null, Token);
        Assert.Equal(CircuitState.HalfOpen, mesh.Catalog().Breaker.State);

        mesh.Time.Advance(TimeSpan.FromSeconds(4.9));
        var refused = await Assert.ThrowsAsync<CallRejectedException>(() => mesh.Client.GetAsync(Fleet.Url, Token));
        Assert.Contains("The next trial is due in 0.1 s.", refused.Message, StringComparison.Ordinal);

        mesh.Time.Advance(TimeSpan.FromSeconds(0.1));
        mesh.All(Answers.Status((HttpStatusCode)answer));
        (await mesh.Client.PostAsync(Fleet.Url, null, Token)).Dispose();
        Assert.Equal(after, mesh.Catalog().Breaker.State);

        // The first one decides nothing any more.
        release.SetResult(new HttpResponseMessage(answer == 200 ? HttpStatusCode.InternalServerError : HttpStatusCode.OK));
        (await long1).Dispose();
        Assert.Equal(after, mesh.Catalog().Breaker.State);
    }

    /// <summary>It is a call like any other then.</summary>
    [Fact]
    public async Task Send_trial_that_fails_after_another_call_has_closed_it_counts_as_a_failure()
    {
        using var mesh = Fleet.Of(2, service =>
        {
            Small(service);
            service.CircuitBreaker.FailureRatio = 1;
            service.Timeout = Timeout.InfiniteTimeSpan;
        });
        await Open(mesh);
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        var release = new TaskCompletionSource<HttpResponseMessage>();
        mesh.All((_, token) => release.Task.WaitAsync(token));
        var first = mesh.Client.PostAsync(Fleet.Url, null, Token);
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        mesh.All(Answers.Status(HttpStatusCode.OK));
        await Post(mesh, 1);
        Assert.Equal(CircuitState.Closed, mesh.Catalog().Breaker.State);

        release.SetResult(new HttpResponseMessage(HttpStatusCode.InternalServerError));
        (await first).Dispose();
        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));
        await Post(mesh, 2);
        Assert.Equal(CircuitState.Closed, mesh.Catalog().Breaker.State);
        await Post(mesh, 1);

        Assert.Equal(CircuitState.Open, mesh.Catalog().Breaker.State);
    }

    [Fact]
    public async Task Send_trials_that_all_take_long_are_decided_by_the_first_that_ends()
    {
        using var mesh = Fleet.Of(2, service =>
        {
            Small(service);
            service.Timeout = Timeout.InfiniteTimeSpan;
        });
        await Open(mesh);
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        var releases = new List<TaskCompletionSource<HttpResponseMessage>>();
        mesh.All((_, token) =>
        {
            var release = new TaskCompletionSource<HttpResponseMessage>();
            releases.Add(release);
            return release.Task.WaitAsync(token);
        });
        var calls = new List<Task<HttpResponseMessage>>();
        for (var i = 0; i < 4; i++)
        {
            calls.Add(mesh.Client.PostAsync(Fleet.Url, null, Token));
            var refused = await Assert.ThrowsAsync<CallRejectedException>(() => mesh.Client.GetAsync(Fleet.Url, Token));
            Assert.Contains(i == 0 ? "due in 5 s." : "A trial is under way.", refused.Message, StringComparison.Ordinal);
            mesh.Time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Equal(4, releases.Count);
        releases[2].SetResult(new HttpResponseMessage(HttpStatusCode.OK));
        (await calls[2]).Dispose();

        Assert.Equal(CircuitState.Closed, mesh.Catalog().Breaker.State);
    }

    [Fact]
    public async Task Send_disabled_never_refuses()
    {
        using var mesh = Fleet.Of(2, s =>
        {
            Small(s);
            s.CircuitBreaker.Enabled = false;
        });
        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));
        await Post(mesh, 50);
        Assert.Equal(50, mesh.Network.Received.Count);
        Assert.Equal(CircuitState.Closed, mesh.Catalog().Breaker.State);
    }

    private static void Small(ServiceOptions service) => service.CircuitBreaker.MinimumThroughput = 4;

    private static async Task Open(MeshFixture mesh)
    {
        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));
        await Post(mesh, 4);
        Assert.Equal(CircuitState.Open, mesh.Catalog().Breaker.State);
    }

    private static async Task Post(MeshFixture mesh, int count)
    {
        for (var i = 0; i < count; i++)
        {
            (await mesh.Client.PostAsync(Fleet.Url, null, Token)).Dispose();
        }
    }
}
