using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Resilience;

/// <summary>The retry budget holds also where attempts are cut short: what was promised is given, and owed.</summary>
public sealed class HangingRequestsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

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
        mesh.All((request, token) => ++count % 5 == 0 ? Answers.Hang(request, token) : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)));
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

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Send_time_over_before_the_first_attempt_is_a_timeout_whatever_the_retries(int retries)
    {
        var source = new TestSource();
        using var mesh = new MeshFixture(
            options => options.Services["orders"] = new ServiceOptions { Timeout = TimeSpan.FromSeconds(1), Retry = { MaxRetries = retries } },
            services => services.AddSingleton<IEndpointSource>(source));

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
