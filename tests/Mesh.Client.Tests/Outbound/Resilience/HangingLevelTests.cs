using System.Net;
using Mesh.Client.Options;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Outbound.Resilience;

/// <summary>A level of priority whose endpoints all accept requests and answer none: calls go on to the next level, whatever is left of the
/// retry budget, and no service gets more load by it than the budget allows.</summary>
public sealed class HangingLevelTests
{
    private const int Warm = 200;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The slower the answers, the more calls hang before the first is given up; the fewer calls, the more of them are
    /// trials.</summary>
    [Theory]
    [InlineData(LoadBalancingPolicies.RoundRobin, 3, 2, 20, 0, 60)]
    [InlineData(LoadBalancingPolicies.RoundRobin, 2, 1, 100, 0, 30)]
    [InlineData(LoadBalancingPolicies.RoundRobin, 3, 2, 4, 0, 200)]
    [InlineData(LoadBalancingPolicies.RoundRobin, 2, 2, 60, 250, 40)]
    [InlineData(LoadBalancingPolicies.Adaptive, 3, 2, 12, 300, 60)]
    [InlineData(LoadBalancingPolicies.Adaptive, 2, 1, 100, 100, 40)]
    public async Task Send_level_hangs_every_call_goes_to_the_next(
        string policy, int first, int reserve, int perSecond, int latency, int seconds)
    {
        using var mesh = Levels(first, reserve, service => service.LoadBalancing.Policy = policy);
        for (var i = 1; i <= first + reserve; i++)
        {
            Answer(mesh, i, latency);
        }

        await WarmUp(mesh);
        Hang(mesh, 1, first);

        var results = await Calls(mesh, perSecond, seconds);

        Assert.All(results, static call => Assert.True(call.Good, $"{call.At}: {call.Took}"));

        // A first try of the trial, and what comes after it: never near the 10 s of the call.
        Assert.All(results, static call => Assert.True(call.Took < TimeSpan.FromSeconds(7), $"{call.At}: {call.Took}"));
    }

    /// <summary>Other zones are no reserve: they have calls of their own. So what is under way when the budget closes waits, and trials do
    /// not.</summary>
    [Fact]
    public async Task Send_zone_hangs_calls_go_to_the_others_once_it_is_ejected()
    {
        using var mesh = new MeshFixture(options =>
        {
            options.Service.Zone = "here";
            options.Services[Fleet.Name] = Fleet.Options(0, static service =>
            {
                for (var i = 1; i <= 6; i++)
                {
                    service.Endpoints.Add(new EndpointOptions { Address = "http://10.0.0." + i, Zone = i <= 3 ? "here" : "there" });
                }
            });
        });
        for (var i = 1; i <= 6; i++)
        {
            Answer(mesh, i, 100);
        }

        await WarmUp(mesh);
        Hang(mesh, 1, 3);

        var results = await Calls(mesh, perSecond: 60, seconds: 40);

        var late = results.FindAll(static call => call.At > TimeSpan.FromSeconds(2));
        Assert.NotEmpty(late);
        Assert.All(late, static call => Assert.True(call.Good, $"{call.At}: {call.Took}"));
    }

    /// <summary>An attempt that began while there was room is given up for the reserve, too, when its time is over.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_budget_closes_before_the_time_is_over_the_call_goes_to_the_reserve(bool closedBefore)
    {
        using var mesh = Levels(2, 1);
        await WarmUp(mesh);
        Hang(mesh, 1, 2);
        if (closedBefore)
        {
            Close(mesh);
        }

        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        if (!closedBefore)
        {
            Close(mesh);
        }

        var start = mesh.Time.GetTimestamp();
        using var response = await mesh.Advance(call);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.InRange(mesh.Time.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(3)));

        // What the closed budget does not give is not owed either.
        Assert.InRange(mesh.Network.Received.Count, Warm + 2, Warm + 2);
    }

    /// <summary>Slow answers, be it those of a cold start, teach a time of which two do not fit into the call.</summary>
    [Theory]
    [InlineData(650, 5_000)]
    [InlineData(1_300, 10_000)]
    public async Task Send_answers_were_slow_two_that_hang_leave_a_third_its_time(int latency, int timeout)
    {
        using var mesh = Levels(2, 1, service => service.Timeout = Milliseconds(timeout));
        for (var i = 1; i <= 2; i++)
        {
            Answer(mesh, i, latency);
        }

        await WarmUp(mesh, Milliseconds(timeout));
        Assert.InRange(mesh.Catalog().LearnedTimeout.Value, Milliseconds(timeout / 2.0), Milliseconds(timeout));
        Hang(mesh, 1, 2);

        using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(3)));
    }

    /// <summary>The reserve is looked for when the time is over, not before: without it the call is better off waiting.</summary>
    [Fact]
    public async Task Send_reserve_has_left_when_the_time_is_over_the_attempt_goes_on()
    {
        using var mesh = Levels(2, 1);
        await WarmUp(mesh);
        Answer(mesh, 1, 1_500);
        Answer(mesh, 2, 1_500);
        Close(mesh);

        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        mesh.Eject(3);
        using var response = await mesh.Advance(call);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Warm + 1, mesh.Network.Received.Count);
    }

    /// <summary>A reserve that does not speak TLS is none for a call that must.</summary>
    [Fact]
    public async Task Send_reserve_without_TLS_the_attempt_over_TLS_goes_on()
    {
        using var mesh = Fleet.Of(0, static service =>
        {
            foreach (var (address, priority) in new[] { ("https://10.0.0.1", "0"), ("https://10.0.0.2", "0"), ("http://10.0.0.3", "1") })
            {
                var endpoint = new EndpointOptions { Address = address };
                endpoint.Labels["priority"] = priority;
                service.Endpoints.Add(endpoint);
            }
        });
        await WarmUp(mesh);
        Answer(mesh, "10.0.0.1:443", 1_500);
        Answer(mesh, "10.0.0.2:443", 1_500);

        var call = mesh.Client.GetAsync("https://catalog/", Token);
        Close(mesh);
        using var response = await mesh.Advance(call);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Warm + 1, mesh.Network.Received.Count);
    }

    /// <summary>It was our choice to send the call to an endpoint that is out.</summary>
    [Fact]
    public async Task Send_trial_hangs_while_the_budget_is_closed_the_call_goes_elsewhere()
    {
        using var mesh = Fleet.Of(3);
        await WarmUp(mesh);
        Hang(mesh, 1, 1);
        mesh.Eject(1);
        Close(mesh);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        Close(mesh);

        var start = mesh.Time.GetTimestamp();
        using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(Fleet.At(1), mesh.Network.Received.ElementAt(Warm).Endpoint);
        Assert.Equal(Warm + 2, mesh.Network.Received.Count);
        Assert.InRange(mesh.Time.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    /// <summary>A burst that queues is no reason for failures, with levels as without.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_level_is_slow_at_once_no_call_fails(bool reserveToo)
    {
        using var mesh = Levels(3, 2);
        await WarmUp(mesh);
        for (var i = 1; i <= (reserveToo ? 5 : 3); i++)
        {
            Answer(mesh, i, 1_500);
        }

        var responses = await mesh.Advance(Task.WhenAll(Enumerable.Range(0, 300).Select(_ => mesh.Client.GetAsync(Fleet.Url, Token))));

        Assert.All(responses, static response => Assert.Equal(HttpStatusCode.OK, response.StatusCode));
        Assert.True(mesh.Catalog().Breaker.IsClosed);
    }

    [Fact]
    public async Task Send_service_without_other_level_hangs_as_a_whole_the_budget_bounds_its_load()
    {
        using var mesh = Fleet.Of(3, static service => service.CircuitBreaker.Enabled = false);
        await WarmUp(mesh);
        Hang(mesh, 1, 3);

        var results = await Calls(mesh, perSecond: 20, seconds: 30);

        Assert.All(results, static call => Assert.False(call.Good));

        // Until 30 % have failed: that is after about 40 attempts; and one retry for each trial, of which there are few.
        Assert.InRange(mesh.Network.Received.Count - Warm - results.Count, 1, 80);
    }

    [Fact]
    public async Task Send_both_levels_hang_neither_gets_more_than_the_calls_and_the_budget()
    {
        using var mesh = Levels(3, 3, static service => service.CircuitBreaker.Enabled = false);
        await WarmUp(mesh);
        Hang(mesh, 1, 6);

        var results = await Calls(mesh, perSecond: 20, seconds: 30);

        var first = Enumerable.Range(1, 3).Sum(i => mesh.Network.CountOf(Fleet.At(i))) - Warm;
        var reserve = Enumerable.Range(4, 3).Sum(i => mesh.Network.CountOf(Fleet.At(i)));
        Assert.InRange(first, 1, results.Count + 80);
        Assert.InRange(reserve, 1, results.Count + 80);
    }

    private static MeshFixture Levels(int first, int reserve, Action<ServiceOptions>? configure = null) =>
        Fleet.Of(0, service =>
        {
            configure?.Invoke(service);
            for (var i = 1; i <= first + reserve; i++)
            {
                var endpoint = new EndpointOptions { Address = "http://10.0.0." + i };
                endpoint.Labels["priority"] = i <= first ? "0" : "1";
                service.Endpoints.Add(endpoint);
            }
        });

    /// <summary>Enough answers to learn from.</summary>
    private static Task WarmUp(MeshFixture mesh) => WarmUp(mesh, Milliseconds(2_000));

    private static async Task WarmUp(MeshFixture mesh, TimeSpan most)
    {
        var calls = Enumerable.Range(0, Warm).Select(_ => mesh.Client.GetAsync(Fleet.Url, Token)).ToArray();
        foreach (var response in await mesh.Advance(Task.WhenAll(calls), stepMs: 10))
        {
            response.Dispose();
        }

        Assert.InRange(mesh.Catalog().LearnedTimeout.Value, Milliseconds(250), most);
    }

    /// <summary>Many attempts have failed, so that the budget gives nothing.</summary>
    private static void Close(MeshFixture mesh)
    {
        var budget = mesh.Catalog().Budget;
        while (!budget.IsClosed)
        {
            budget.Record(failed: true);
        }
    }

    private static void Answer(MeshFixture mesh, int number, int latency) => Answer(mesh, Fleet.At(number), latency);

    private static void Answer(MeshFixture mesh, string endpoint, int latency) => mesh.Network.On(endpoint, async (request, token) =>
    {
        if (latency > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(latency), mesh.Time, token);
        }

        return new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request };
    });

    private static void Hang(MeshFixture mesh, int from, int to)
    {
        for (var i = from; i <= to; i++)
        {
            mesh.Network.On(Fleet.At(i), Answers.Hang);
        }
    }

    /// <summary>Calls at a steady rate, however many are under way.</summary>
    private static async Task<List<(TimeSpan At, bool Good, TimeSpan Took)>> Calls(MeshFixture mesh, int perSecond, int seconds)
    {
        const int Step = 50;
        List<Task<(TimeSpan At, bool Good, TimeSpan Took)>> calls = [];
        for (var passed = 0; passed < seconds * 1000; passed += Step)
        {
            var at = TimeSpan.FromMilliseconds(passed);
            while (calls.Count < perSecond * at.TotalSeconds)
            {
                calls.Add(CallAsync(mesh, at));
            }

            var until = mesh.Time.GetUtcNow() + TimeSpan.FromMilliseconds(Step);
            await mesh.Time.AdvanceUntil(() => mesh.Time.GetUtcNow() >= until, Step);
        }

        return [.. await mesh.Advance(Task.WhenAll(calls))];
    }

    private static async Task<(TimeSpan At, bool Good, TimeSpan Took)> CallAsync(MeshFixture mesh, TimeSpan at)
    {
        var start = mesh.Time.GetTimestamp();
        try
        {
            using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
            return (at, response.StatusCode == HttpStatusCode.OK, mesh.Time.GetElapsedTime(start));
        }
        catch (OperationCanceledException)
        {
            return (at, false, mesh.Time.GetElapsedTime(start));
        }
    }
}
