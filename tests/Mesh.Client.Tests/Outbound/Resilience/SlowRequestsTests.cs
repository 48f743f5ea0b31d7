using System.Net;
using Mesh.Client.Options;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Outbound.Resilience;

/// <summary>A few requests of a service take long on each of its endpoints, as a report does among look-ups. They have the time that they
/// would have without the mesh, and no endpoint is charged with them.</summary>
public sealed class SlowRequestsTests
{
    private const int Step = 50;
    private const string Report = "http://catalog/report";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>One request in so many takes so long, of the 10 s that a call has.</summary>
    [Theory]
    [InlineData(60, 1_500)]
    [InlineData(150, 3_000)]
    [InlineData(60, 5_500)]
    [InlineData(80, 7_000)]
    [InlineData(400, 7_000)]
    public async Task Send_slow_request_among_quick_ones_is_answered_and_ejects_nobody(int oneOf, int latency)
    {
        using var mesh = Fleet.Of(3);
        mesh.All((request, token) => AnswerAsync(mesh, request, latency, token));

        var calls = await Calls(mesh, perSecond: 100, seconds: 60, oneOf);

        Assert.All(calls, static call => Assert.True(call.Good, $"{call.Url} at {call.At} after {call.Took}"));
        Assert.DoesNotContain(mesh.Logs.GetSnapshot(), static record => record.Id.Id == 1200);
    }

    /// <summary>Each caller waits for its answer, so that often nothing else is under way: what was seen before helps then.</summary>
    [Theory]
    [InlineData(60, 5_500)]
    [InlineData(80, 7_000)]
    public async Task Send_slow_requests_of_few_callers_are_answered(int oneOf, int latency)
    {
        using var mesh = Fleet.Of(3);
        mesh.All((request, token) => AnswerAsync(mesh, request, latency, token));
        var calls = new List<Seen>();
        var begun = 0;
        var end = mesh.Time.GetUtcNow() + TimeSpan.FromSeconds(90);
        async Task CallerAsync()
        {
            while (mesh.Time.GetUtcNow() < end)
            {
                var report = Interlocked.Increment(ref begun) % oneOf == 0;
                await Task.Delay(TimeSpan.FromMilliseconds(20), mesh.Time, Token);
                var seen = await CallAsync(mesh, report ? Report : Fleet.Url.ToString(), mesh.Time.GetUtcNow() - mesh.Time.Start);
                lock (calls)
                {
                    calls.Add(seen);
                }
            }
        }

        await mesh.Advance(Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CallerAsync())).ContinueWith(
            static ended => ended.IsCompletedSuccessfully, TaskScheduler.Default), stepMs: 20);

        Assert.True(calls.Count(static call => call.Url == Report) > 20);
        Assert.All(calls, static call => Assert.True(call.Good, $"{call.Url} at {call.At} after {call.Took}"));
    }

    /// <summary>More than what a second attempt would have: the first ones of the kind fail, and show it.</summary>
    [Theory]
    [InlineData(8_500)]
    [InlineData(9_500)]
    public async Task Send_request_that_needs_nearly_all_the_time_has_it_after_a_few(int latency)
    {
        using var mesh = Fleet.Of(3);
        mesh.All((request, token) => AnswerAsync(mesh, request, latency, token));

        var calls = await Calls(mesh, perSecond: 100, seconds: 90, oneOf: 80);

        var late = calls.FindAll(static call => call.At > TimeSpan.FromSeconds(40));
        Assert.NotEmpty(late);
        Assert.All(late, static call => Assert.True(call.Good, $"{call.Url} at {call.At} after {call.Took}"));
    }

    /// <summary>An endpoint that answers some requests and never others is left as before.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    public async Task Send_endpoint_hangs_with_some_requests_they_are_answered_elsewhere(int oneOf)
    {
        using var mesh = Fleet.Of(3);
        mesh.All((request, token) => AnswerAsync(mesh, request, 0, token));
        var turn = 0;
        mesh.Network.On(Fleet.At(1), (request, token) =>
            turn > 150 && Interlocked.Increment(ref turn) % oneOf == 0
                ? Answers.Hang(request, token)
                : AnswerAsync(mesh, request, 0, token));
        await Calls(mesh, perSecond: 100, seconds: 5, oneOf: int.MaxValue);
        turn = 151;

        var calls = await Calls(mesh, perSecond: 60, seconds: 30, oneOf: int.MaxValue);

        Assert.All(calls, static call => Assert.True(call.Good && call.Took < TimeSpan.FromSeconds(6), $"{call.At} after {call.Took}"));
    }

    /// <summary>If the endpoint answers others meanwhile, the next attempt decides; otherwise it hangs.</summary>
    [Theory]
    [InlineData(true, 0, 1)]
    [InlineData(true, 2_000, 0)]
    [InlineData(false, 2_000, 1)]
    public async Task Send_attempt_that_was_cut_short_counts_unless_the_request_is_slow_elsewhere_too(
        bool answersOthers, int latency, int failures)
    {
        using var mesh = Fleet.Of(2, static service => service.LoadBalancing.Policy = LoadBalancingPolicies.RoundRobin);
        mesh.All((request, token) => AnswerAsync(mesh, request, latency, token));
        await Calls(mesh, perSecond: 100, seconds: 3, oneOf: int.MaxValue);

        // Their turns: the next one is the first endpoint's.
        while (mesh.Network.Received.Last().Endpoint == Fleet.At(1))
        {
            (await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token))).Dispose();
        }

        mesh.Network.On(Fleet.At(1), (request, token) => answersOthers && request.RequestUri!.AbsolutePath != "/report"
            ? AnswerAsync(mesh, request, 0, token)
            : Answers.Hang(request, token));

        var report = mesh.Client.GetAsync(new Uri(Report), Token);
        if (answersOthers)
        {
            await Calls(mesh, perSecond: 100, seconds: 1, oneOf: int.MaxValue);
        }

        using var response = await mesh.Advance(report);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var first = mesh.Catalog().Endpoints.Current.All.Single(static endpoint => endpoint.Name == Fleet.At(1));
        Assert.Equal(failures, first.Health.Recent(mesh.Catalog().Clock.Now).Bad);
    }

    /// <summary>One of two endpoints hangs. It is soon out of rotation, and then nothing is a reason to leave the other one.</summary>
    [Theory]
    [InlineData(3_000, 20)]
    [InlineData(3_000, 100)]
    [InlineData(7_000, 50)]
    public async Task Send_slow_request_is_answered_by_the_only_endpoint_that_works(int latency, int perSecond)
    {
        using var mesh = Fleet.Of(2);
        mesh.All((request, token) => AnswerAsync(mesh, request, latency, token));
        await Calls(mesh, perSecond, seconds: 10, oneOf: int.MaxValue);
        mesh.Network.On(Fleet.At(2), Answers.Hang);

        var calls = await Calls(mesh, perSecond, seconds: 60, oneOf: perSecond);

        // Requests that meet the endpoint when it has just begun to hang cannot know.
        var known = calls.FindAll(static call => call.At > TimeSpan.FromSeconds(5));
        Assert.True(known.Count(static call => call.Url == Report) > 40);
        Assert.All(known, static call => Assert.True(call.Good, $"{call.Url} at {call.At} after {call.Took}"));
        Assert.InRange(calls.Count(static call => !call.Good), 0, 2);
    }

    /// <summary>That a call waited for an endpoint that hangs says nothing about the time that requests need.</summary>
    [Fact]
    public async Task Send_calls_that_meet_a_hanging_endpoint_do_not_teach_to_wait()
    {
        // Calls go to the other one only as retries.
        using var mesh = Fleet.Of(2, static service => service.Endpoints[1].Labels["priority"] = "1");
        mesh.Network.On(Fleet.At(1), (request, token) => AnswerAsync(mesh, request, 60_000, token));
        mesh.Network.On(Fleet.At(2), Answers.Hang);
        await Calls(mesh, perSecond: 100, seconds: 3, oneOf: int.MaxValue);
        Assert.Equal(TimeSpan.FromMilliseconds(250), mesh.Catalog().LearnedTimeout.Of(TimeSpan.FromSeconds(10)));
        var reports = Task.WhenAll(Enumerable.Range(0, 6).Select(_ => CallAsync(mesh, Report, TimeSpan.Zero)));

        await Calls(mesh, perSecond: 100, seconds: 20, oneOf: int.MaxValue);

        Assert.All(await mesh.Advance(reports), static report => Assert.False(report.Good));
        Assert.True(mesh.Network.CountOf(Fleet.At(2)) >= 6);
        Assert.Equal(TimeSpan.FromMilliseconds(250), mesh.Catalog().LearnedTimeout.Of(TimeSpan.FromSeconds(10)));
    }

    /// <summary>An answer is better than none.</summary>
    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task Send_answer_is_not_given_up_for_an_ejected_endpoint_that_hangs(HttpStatusCode status)
    {
        using var mesh = Fleet.Of(2);
        mesh.Network.On(Fleet.At(1), Answers.Status(status));
        mesh.Network.On(Fleet.At(2), Answers.Hang);
        mesh.Eject(2);

        var seen = mesh.Time.GetTimestamp();
        using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token));

        Assert.Equal(status, response.StatusCode);
        Assert.InRange(mesh.Time.GetElapsedTime(seen), TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Equal(0, mesh.Network.CountOf(Fleet.At(2)));
        Assert.Equal(3, mesh.Network.CountOf(Fleet.At(1)));
    }

    /// <summary>One that refused connections costs nothing to try, and may have been restarted.</summary>
    [Fact]
    public async Task Send_after_an_error_answer_an_endpoint_that_refused_connections_is_tried_again()
    {
        using var mesh = Fleet.Of(2);
        mesh.Network.On(Fleet.At(1), Answers.Status(HttpStatusCode.ServiceUnavailable));
        mesh.Network.Refuse(Fleet.At(2));
        for (var i = 0; i < 3; i++)
        {
            mesh.Catalog().Outliers.OnFailure(mesh.Endpoint(2), connectFailure: true, mesh.Catalog().Clock.Now, trial: false);
        }

        Assert.True(mesh.Endpoint(2).Health.IsEjected);
        mesh.Network.On(Fleet.At(2), Answers.Status(HttpStatusCode.OK));

        using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static async Task<HttpResponseMessage> AnswerAsync(
        MeshFixture mesh, HttpRequestMessage request, int latency, CancellationToken token)
    {
        if (latency > 0 && request.RequestUri!.AbsolutePath == "/report")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(latency), mesh.Time, token);
        }

        return new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request };
    }

    private static async Task<List<Seen>> Calls(MeshFixture mesh, int perSecond, int seconds, int oneOf)
    {
        List<Task<Seen>> calls = [];
        for (var passed = 0; passed < seconds * 1000; passed += Step)
        {
            var at = Milliseconds(passed);
            while (calls.Count < perSecond * at.TotalSeconds)
            {
                calls.Add(CallAsync(mesh, calls.Count % oneOf == oneOf - 1 ? Report : Fleet.Url.ToString(), at));
            }

            var until = mesh.Time.GetUtcNow() + Milliseconds(Step);
            await mesh.Time.AdvanceUntil(() => mesh.Time.GetUtcNow() >= until, Step);
        }

        return [.. await mesh.Advance(Task.WhenAll(calls))];
    }

    private static async Task<Seen> CallAsync(MeshFixture mesh, string url, TimeSpan at)
    {
        var start = mesh.Time.GetTimestamp();
        try
        {
            using var response = await mesh.Client.GetAsync(new Uri(url), Token);
            return new Seen(url, at, response.StatusCode == HttpStatusCode.OK, mesh.Time.GetElapsedTime(start));
        }
        catch (OperationCanceledException)
        {
            return new Seen(url, at, false, mesh.Time.GetElapsedTime(start));
        }
    }

    private sealed record Seen(string Url, TimeSpan At, bool Good, TimeSpan Took);
}
