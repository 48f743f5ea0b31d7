using System.Net;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Calls;
using Microsoft.Extensions.DependencyInjection;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Outbound.Resilience;

/// <summary>The retry budget holds also where attempts are cut short: what was promised is given, and owed.</summary>
public sealed class HangingRequestsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A timer may fire a moment before its time is over by our clock: what would be left is no time for
    /// an attempt, and its end no evidence.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void MayRetry_attempt_that_had_all_of_the_rest_is_the_last(bool hadRest, bool expected)
    {
        using var mesh = Fleet.Of(2);
        using var request = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
        var call = new Call();
        call.Begin(mesh.Catalog(), request, mesh.Handler.Primary, synchronous: false, mesh.Catalog().Clock.Now, CancellationToken.None);
        call.Attempts = 1;
        call.First.HasRest = hadRest;
        call.First.Result = new AttemptResult(new TaskCanceledException(), CallOutcome.Timeout);

        Assert.Equal(expected, RetryRules.MayRetry(call.First));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.05)]
    [InlineData(0.2)]
    public async Task Send_one_of_five_hangs_retries_stay_within_the_budget(double ratio)
    {
        const int Callers = 50;
        const int Rounds = 40;
        using var mesh = Fleet.Of(3, s =>
        {
            s.Retry.BudgetRatio = ratio;
            s.AttemptTimeout = TimeSpan.FromMilliseconds(200);
            s.Timeout = TimeSpan.FromSeconds(1);
            s.OutlierDetection.Enabled = false;
            s.CircuitBreaker.Enabled = false;
        });
        var count = 0;
        mesh.All((request, token) => ++count % 5 == 0 ? Answers.Hang(request, token)
            : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)));
        var start = mesh.Time.GetTimestamp();

        for (var round = 0; round < Rounds; round++)
        {
            var calls = Enumerable.Range(0, Callers).Select(_ => mesh.Client.GetAsync(Fleet.Url, Token)).ToArray();
            _ = await Record.ExceptionAsync(() => mesh.Advance(Task.WhenAll(calls)));
        }

        var retries = count - (Callers * Rounds);
        var allowed = 10 + (ratio * Callers * Rounds) + mesh.Time.GetElapsedTime(start).TotalSeconds;

        // Those that are cut short in one round were promised a retry by the same last token.
        Assert.InRange(retries, 1, allowed + (Callers / 5) + 1);
    }

    [Fact]
    public async Task Send_two_that_were_cut_short_for_the_same_last_retry_both_get_it()
    {
        using var mesh = Fleet.Of(3, s =>
        {
            s.Retry.BudgetRatio = 0;
            s.AttemptTimeout = TimeSpan.FromMilliseconds(200);
            s.Timeout = TimeSpan.FromSeconds(1);
        });
        var count = 0;
        mesh.All((request, token) => ++count <= 2 ? Answers.Hang(request, token)
            : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)));
        for (var i = 0; i < 9; i++)
        {
            Assert.True(mesh.Catalog().Budget.TryWithdraw());
        }

        var calls = new[] { mesh.Client.GetAsync(Fleet.Url, Token), mesh.Client.GetAsync(Fleet.Url, Token) };
        var responses = await mesh.Advance(Task.WhenAll(calls));

        Assert.All(responses, response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.Equal(4, count);
    }

    /// <summary>A burst that queues, a database that stalls: each instance is slow for a moment, and a retry elsewhere is no
    /// quicker.</summary>
    [Theory]
    [InlineData(false, 300, 0)]
    [InlineData(true, 300, 0)]
    [InlineData(false, 20, 0)]
    [InlineData(false, 300, 100)]
    [InlineData(false, 300, 100_000)]
    public async Task Send_all_instances_slow_at_once_fail_no_call_and_open_no_breaker(bool ownPrimary, int callers, int upload)
    {
        MeshFixture? fixture = null;
        var slow = false;
        async Task<HttpResponseMessage> Answer(HttpRequestMessage request, CancellationToken token)
        {
            if (request.Content is { } content)
            {
                await content.CopyToAsync(Stream.Null, token);
            }

            if (slow)
            {
                await Task.Delay(TimeSpan.FromSeconds(1.5), fixture!.Time, token);
            }

            return new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request };
        }

        using var mesh = fixture = Fleet.Of(3, primary: ownPrimary ? new RecordingHandler(Answer) : null);
        mesh.All(Answer);
        for (var i = 0; i < 200; i++)
        {
            (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();
        }

        Assert.Equal(Milliseconds(250), mesh.Catalog().LearnedTimeout.Value);
        slow = true;
        var calls = Enumerable.Range(0, callers)
            .Select(_ => upload == 0
                ? mesh.Client.GetAsync(Fleet.Url, Token)
                : mesh.Client.PutAsync(Fleet.Url, new StreamContent(new MemoryStream(new byte[upload])), Token))
            .ToArray();
        var responses = await mesh.Advance(Task.WhenAll(calls));

        Assert.All(responses, static response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.True(mesh.Catalog().Breaker.IsClosed);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Send_connection_that_is_refused_goes_elsewhere_although_the_budget_is_spent()
    {
        using var mesh = Fleet.Of(2, s => s.Retry.BudgetRatio = 0);
        mesh.Network.Refuse(Fleet.At(1));
        while (mesh.Catalog().Budget.TryWithdraw())
        {
        }

        for (var i = 0; i < 4; i++)
        {
            using var response = await mesh.Client.PostAsync(Fleet.Url, new StringContent("x"), Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Send_time_over_before_the_first_attempt_is_a_timeout_whatever_the_retries(int retries)
    {
        var source = new TestSource();
        using var mesh = new MeshFixture(
            options => options.Services["orders"] =
                new ServiceOptions { Timeout = TimeSpan.FromSeconds(1), Retry = { MaxRetries = retries } },
            services => services.AddSingleton<IMeshSource>(source));

        var call = mesh.Client.GetAsync("http://orders/", Token);
        var sink = await source.Sink;
        sink.Publish("orders", [TestSource.Endpoint("http://10.1.0.1:8080")]);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        sink.Ready();
        await call.Settle();

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
        Assert.IsType<TimeoutException>(exception.InnerException);
        Assert.Empty(mesh.Network.Received);
    }
}
