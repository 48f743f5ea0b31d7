using System.Net;
using Polly.CircuitBreaker;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>A process that was paused, or whose threads were all blocked, notices late that a call's time is over: that is no failure of
/// the
/// endpoint.</summary>
public sealed class OwnStallTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A timer that is a little late is one of a busy machine, and the endpoint has had its whole time.</summary>
    [Theory]
    [InlineData("POST", 10_001, true)]
    [InlineData("POST", 12_400, true)]
    [InlineData("POST", 12_600, false)]
    [InlineData("GET", 22_000, false)]
    public async Task Call_whose_time_ended_long_ago_charges_nobody(string method, int milliseconds, bool charged)
    {
        using var mesh = Fleet.Of(2, service => service.Timeout = Timeout);
        mesh.All(Answers.Hang);
        var calls = Enumerable.Range(0, 40)
            .Select(_ => mesh.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), Fleet.Url), Token))
            .ToList();

        mesh.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));

        foreach (var call in calls)
        {
            var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
            Assert.IsType<TimeoutException>(exception.InnerException);
            Assert.Equal(charged, !exception.Message.Contains("This process did not run when the time was over", StringComparison.Ordinal));
            Assert.Equal(charged, exception.Message.Contains("raise Mesh:Services:catalog:Timeout", StringComparison.Ordinal));
        }

        Assert.Equal(charged ? CircuitState.Open : CircuitState.Closed, mesh.Catalog().Breaker.State);
        Assert.Equal(charged, mesh.Catalog().Endpoints.Current.All.Any(static endpoint => endpoint.Health.LastFailure is not null));
        Assert.Equal(charged, mesh.Failures() > 0);
        Assert.Equal(0, mesh.InFlight());
    }

    [Theory]
    [InlineData(1_400, true)]
    [InlineData(1_600, false)]
    [InlineData(4_000, false)]
    public async Task Attempt_whose_time_ended_long_ago_is_repeated_and_charges_nobody(int milliseconds, bool charged)
    {
        using var mesh = Fleet.Of(2, service => service.AttemptTimeout = TimeSpan.FromSeconds(1));
        var hanging = true;
        mesh.All((request, token) => hanging ? Answers.Hang(request, token) : Answers.Status(HttpStatusCode.OK)(request, token));
        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        hanging = false;

        mesh.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));

        using var answer = await call;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(2, mesh.Network.Received.Count);
        Assert.Equal(charged, mesh.Catalog().Endpoints.Current.All.Any(static endpoint => endpoint.Health.LastFailure is not null));
    }

    [Theory]
    [InlineData(7_001, true)]
    [InlineData(20_000, false)]
    public async Task Body_that_was_silent_while_the_process_did_not_run_charges_nobody(int milliseconds, bool charged)
    {
        using var mesh = Fleet.Of(1, service =>
        {
            service.BodyIdleTimeout = TimeSpan.FromSeconds(7);
            service.Timeout = System.Threading.Timeout.InfiniteTimeSpan;
        });
        mesh.All(Answers.Body(new StreamContent(new NeverReadStream())));
        using var answer = await mesh.Client.GetAsync(Fleet.Url, HttpCompletionOption.ResponseHeadersRead, Token);
        using var stream = await answer.Content.ReadAsStreamAsync(Token);
        var read = stream.ReadAsync(new byte[1], Token);

        mesh.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));

        await Assert.ThrowsAsync<IOException>(async () => await read);
        Assert.Equal(charged, mesh.Endpoint(1).Health.LastFailure is not null);
        Assert.Equal(0, mesh.InFlight());
    }
}
