using System.IO.Pipelines;
using System.Net;
using Mesh.Client.Options;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>A refusal is an answer by its head. Its body is judged as any other: the endpoint that breaks it has failed.</summary>
public sealed class RefusedBodyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<int, string, int?> Kinds { get; } = new(
        from status in new[] { 400, 404, 409, 429, 302, 501, 206 }
        from end in new[] { "breaks", "silent" }
        from length in new int?[] { null, 100_000, 100 }
        select (status, end, length));

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Send_refusals_whose_bodies_break_eject_their_endpoint(int status, string end, int? length)
    {
        using var mesh = Fleet.Of(2);
        mesh.Network.On(Fleet.At(1), Answer(status, length, () => Ending(end)));
        for (var i = 0; i < 10; i++)
        {
            await mesh.Advance(ReadAsync(mesh, HttpMethod.Post), 500);
        }

        Assert.True(mesh.Endpoint(1).Health.IsEjected);
        Assert.False(mesh.Endpoint(2).Health.HasFailures);
        Assert.Equal(0, mesh.InFlight());
    }

    /// <summary>Services answer 404 all day: then the head says nothing about any of them.</summary>
    [Theory]
    [InlineData(404, LoadBalancingPolicies.RoundRobin)]
    [InlineData(404, LoadBalancingPolicies.Adaptive)]
    [InlineData(302, LoadBalancingPolicies.RoundRobin)]
    [InlineData(302, LoadBalancingPolicies.Adaptive)]
    public async Task Send_refusals_that_all_give_and_one_breaks_eject_that_one(int status, string policy)
    {
        using var mesh = Fleet.Of(3, service => service.LoadBalancing.Policy = policy);
        mesh.All(Slow(mesh, Answer(status, 20_000, () => Whole(20_000)), 20));
        mesh.Network.On(Fleet.At(1), Answer(status, 20_000, () => new BreakingStream(10)));
        for (var i = 0; i < 100; i++)
        {
            await ReadAsync(mesh, HttpMethod.Get);
        }

        Assert.InRange(mesh.Network.CountOf(Fleet.At(1)), 1, 15);
        Assert.True(mesh.Endpoint(1).Health.HasFailures);
        Assert.False(mesh.Endpoint(2).Health.HasFailures || mesh.Endpoint(3).Health.HasFailures);
    }

    [Theory]
    [InlineData(400, true)]
    [InlineData(400, false)]
    [InlineData(404, true)]
    [InlineData(404, false)]
    [InlineData(429, true)]
    [InlineData(429, false)]
    [InlineData(302, true)]
    [InlineData(302, false)]
    [InlineData(501, true)]
    [InlineData(206, true)]
    [InlineData(500, true)]
    public async Task Send_refusal_with_a_whole_body_counts_as_one_that_is_in_memory(int status, bool alone)
    {
        foreach (var listed in new[] { false, true })
        {
            var memory = await StateAsync(() => new ByteArrayContent(new byte[100]));
            foreach (var length in new int?[] { 100, 100_000, null })
            {
                Assert.Equal(memory, await StateAsync(() => Content(Whole(length ?? 100), length)));
            }

            async Task<object> StateAsync(Func<HttpContent> content)
            {
                using var mesh = Fleet.Of(3, service =>
                {
                    if (listed)
                    {
                        service.OutlierDetection.Statuses.Add("400-499");
                    }
                });
                for (var i = 1; i <= (alone ? 1 : 3); i++)
                {
                    mesh.Network.On(Fleet.At(i), Slow(mesh, (_, _) => Task.FromResult(Head(status, content())), 20 * i));
                }

                for (var i = 0; i < 40; i++)
                {
                    await ReadAsync(mesh, HttpMethod.Post);
                }

                var now = mesh.Catalog().Clock.Now;
                return string.Join('\n', mesh.Catalog().Endpoints.Current.All.Select(endpoint => (
                    endpoint.Health.Recent(now),
                    endpoint.Health.Answers(now),
                    endpoint.Health.ConsecutiveFailures,
                    endpoint.Health.IsEjected,
                    endpoint.Health.RefusesAlone,
                    endpoint.Load.Latency,
                    endpoint.Load.Success(now))))
                    + (mesh.Catalog().Budget.FailureShare, mesh.Catalog().LearnedTimeout.Value);
            }
        }
    }

    [Fact]
    public async Task Refusal_ends_a_row_of_failures_at_the_end_of_its_body()
    {
        using var mesh = Fleet.Of(1);
        await FailAsync(mesh);
        var pipe = new Pipe();
        mesh.All(Answer(404, 20_000, () => pipe.Reader.AsStream()));
        using var response = await Headers(mesh, HttpMethod.Get);
        Assert.True(mesh.Endpoint(1).Health.HasFailures);

        await pipe.Writer.CompleteAsync();
        await response.Content.ReadAsByteArrayAsync(Token);
        Assert.False(mesh.Endpoint(1).Health.HasFailures);
    }

    /// <summary>Whoever wants the status alone lets go of the rest.</summary>
    [Fact]
    public async Task Refusal_whose_body_is_not_read_is_judged_by_its_head()
    {
        using var mesh = Fleet.Of(1);
        await FailAsync(mesh);
        mesh.All(Answer(404, 100, () => new BreakingStream(10)));

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.GetStringAsync(Fleet.Url, Token));

        Assert.Equal(HttpStatusCode.NotFound, exception.StatusCode);
        Assert.False(mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(1, Refusals(mesh));
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Refusal_that_nobody_disposes_of_is_judged_by_its_head_with_the_collector()
    {
        using var mesh = Fleet.Of(1);
        mesh.All(Answer(404, 100, () => Whole(100)));
        await ForgetAsync(mesh);
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        for (var i = 0; i < 1_000 && (mesh.InFlight() != 0 || Refusals(mesh) == 0); i++)
        {
            await Task.Yield();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(1, Refusals(mesh));
        Assert.Equal(0, mesh.InFlight());

        // When the collector comes says nothing of the endpoint.
        Assert.InRange(mesh.Endpoint(1).Load.Latency, 0f, 100f);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(429)]
    public async Task Caller_that_gives_up_waiting_for_the_body_of_a_refusal_blames_and_clears_nobody(int status)
    {
        using var mesh = Fleet.Of(1);
        await FailAsync(mesh);
        mesh.All(Answer(status, 20_000, () => Ending("silent")));
        using var caller = new CancellationTokenSource();
        using var response = await Headers(mesh, HttpMethod.Get);
        var body = await response.Content.ReadAsStreamAsync(Token);
        var read = body.ReadAsync(new byte[10], caller.Token).AsTask();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);

        Assert.Equal(1, mesh.Endpoint(1).Health.ConsecutiveFailures);
        Assert.Equal(1, mesh.Failures());
        Assert.Equal(0, mesh.InFlight());
    }

    /// <summary>The balancer sends less at once, not when the caller has read what it was told.</summary>
    [Fact]
    public async Task Refusal_for_too_much_load_counts_at_its_head_and_a_broken_body_on_top()
    {
        using var mesh = Fleet.Of(1);
        mesh.All(Answer(429, 100, () => new BreakingStream(10)));
        using var response = await Headers(mesh, HttpMethod.Get);
        var now = mesh.Catalog().Clock.Now;
        var shed = mesh.Endpoint(1).Load.Success(now);
        Assert.InRange(shed, 0f, 0.99f);
        Assert.Equal(1, Refusals(mesh));
        Assert.Equal(0, mesh.Failures());

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync(Token));
        Assert.InRange(mesh.Endpoint(1).Load.Success(now), 0f, shed - 0.01f);
        Assert.Equal(1, Refusals(mesh));
        Assert.Equal(1, mesh.Failures());
    }

    [Theory]
    [InlineData(404, null)]
    [InlineData(404, 100_000)]
    [InlineData(404, 100)]
    [InlineData(302, 100)]
    public async Task Trial_that_is_refused_with_a_broken_body_does_not_readmit(int status, int? length)
    {
        using var mesh = Fleet.Of(2);
        BeginTrial(mesh, Answer(status, length, () => new BreakingStream(10)));
        var ejectedAt = mesh.Endpoint(1).Health.EjectedAt;

        await ReadAsync(mesh, HttpMethod.Get);

        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(1)));
        Assert.True(mesh.Endpoint(1).Health.EjectedAt > ejectedAt);
        Assert.False(mesh.Endpoint(1).Health.TrialInFlight);
    }

    [Theory]
    [InlineData("read")]
    [InlineData("left")]
    [InlineData("flowing")]
    public async Task Trial_that_is_refused_readmits_behind_its_head(string how)
    {
        using var mesh = Fleet.Of(2);
        var pipe = new Pipe();
        BeginTrial(mesh, Answer(404, 100_000, () => pipe.Reader.AsStream()));
        using var response = await Headers(mesh, HttpMethod.Get);
        Assert.True(mesh.Endpoint(1).Health.IsEjected);
        Assert.True(mesh.Endpoint(1).Health.TrialInFlight);
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        switch (how)
        {
            case "read":
                await pipe.Writer.CompleteAsync();
                Assert.Equal(0, await body.ReadAsync(new byte[10], Token));
                break;
            case "left":
                response.Dispose();
                break;
            default:
                mesh.Time.Advance(TimeSpan.FromSeconds(4));
                await pipe.Writer.WriteAsync(new byte[1], Token);
                Assert.Equal(1, await body.ReadAsync(new byte[10], Token));
                mesh.Time.Advance(TimeSpan.FromSeconds(1));
                break;
        }

        Assert.False(mesh.Endpoint(1).Health.IsEjected);
        Assert.False(mesh.Endpoint(1).Health.TrialInFlight);
    }

    [Theory]
    [InlineData("given up")]
    [InlineData("not read")]
    public async Task Trial_that_is_refused_and_not_decided_is_left_to_another(string how)
    {
        using var mesh = Fleet.Of(2);
        BeginTrial(mesh, Answer(404, 100_000, () => Ending("silent")));
        using var response = await Headers(mesh, HttpMethod.Get);
        if (how == "given up")
        {
            using var caller = new CancellationTokenSource();
            var read = (await response.Content.ReadAsStreamAsync(Token)).ReadAsync(new byte[10], caller.Token).AsTask();
            await caller.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        }
        else
        {
            mesh.Time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.True(mesh.Endpoint(1).Health.IsEjected);
        Assert.False(mesh.Endpoint(1).Health.TrialInFlight);
    }

    /// <summary>The request was processed, and the status is known: whatever becomes of the body, it is not sent again.</summary>
    [Theory]
    [InlineData("GET", "breaks")]
    [InlineData("PUT", "breaks")]
    [InlineData("POST", "breaks")]
    [InlineData("GET", "silent")]
    [InlineData("PUT", "silent")]
    [InlineData("POST", "silent")]
    public async Task Send_refusal_gives_its_head_at_once_and_is_sent_once(string method, string end)
    {
        using var mesh = Fleet.Of(2);
        mesh.All(Answer(404, 100, () => Ending(end)));

        // The clock stands still.
        using var response = await Headers(mesh, new HttpMethod(method));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => mesh.Advance(response.Content.ReadAsStringAsync(Token), 500));
        Assert.Single(mesh.Network.Received);
        Assert.Equal(1, mesh.Failures());
        Assert.Equal(Polly.CircuitBreaker.CircuitState.Closed, mesh.Catalog().Breaker.State);
    }

    [Theory]
    [InlineData("GET", 304)]
    [InlineData("HEAD", 404)]
    public async Task Refusal_without_a_body_is_judged_by_its_head(string method, int status)
    {
        using var mesh = Fleet.Of(1);
        mesh.All(Answer(status, 100, () => Whole(0)));
        using var response = await Headers(mesh, new HttpMethod(method));
        Assert.Equal(1, Refusals(mesh));
        Assert.Equal(0, mesh.InFlight());
    }

    /// <summary>Neither balancer nor learned timeout take the quick head of a failure for a quick answer.</summary>
    [Fact]
    public async Task Refusal_with_a_quick_head_and_a_broken_body_does_not_look_fast()
    {
        using var mesh = Fleet.Of(1);
        mesh.All(Slow(mesh, Answer(200, null, () => Whole(100)), 100));
        for (var i = 0; i < 10; i++)
        {
            await ReadAsync(mesh, HttpMethod.Post);
        }

        var latency = mesh.Endpoint(1).Load.Latency;
        Assert.InRange(latency, 50f, 100f);
        mesh.All(Answer(404, null, () => new BreakingStream(10)));
        await ReadAsync(mesh, HttpMethod.Post);

        Assert.Equal(1, mesh.Failures());
        Assert.InRange(mesh.Endpoint(1).Load.Latency, latency, 100f);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Refusal_whose_body_takes_long_is_as_fast_as_its_head(bool left)
    {
        using var mesh = Fleet.Of(1);
        var pipe = new Pipe();
        mesh.All(Slow(mesh, Answer(404, 20_000, () => pipe.Reader.AsStream()), 20));
        using var response = await Headers(mesh, HttpMethod.Get);
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
        if (left)
        {
            response.Dispose();
        }
        else
        {
            await pipe.Writer.CompleteAsync();
            await response.Content.ReadAsByteArrayAsync(Token);
        }

        Assert.Equal(1, Refusals(mesh));
        Assert.InRange(mesh.Endpoint(1).Load.Latency, 10f, 30f);
    }

    /// <summary>That the endpoint has too much to do left the trial to another: the body behind it ejects nothing a second time.</summary>
    [Fact]
    public async Task Trial_that_is_shed_with_a_broken_body_is_not_decided_by_it()
    {
        using var mesh = Fleet.Of(2, static service => service.Retry.MaxRetries = 0);
        BeginTrial(mesh, Answer(429, 100, () => new BreakingStream(10)));
        mesh.Time.Advance(TimeSpan.FromMinutes(1));
        var ejectedAt = mesh.Endpoint(1).Health.EjectedAt;

        await ReadAsync(mesh, HttpMethod.Get);

        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(1)));
        Assert.True(mesh.Endpoint(1).Health.IsEjected);
        Assert.Equal(ejectedAt, mesh.Endpoint(1).Health.EjectedAt);
        Assert.False(mesh.Endpoint(1).Health.TrialInFlight);
    }

    /// <summary>Its head has decided: nothing waits for the body.</summary>
    [Fact]
    public async Task Trial_that_is_shed_does_not_readmit_though_its_body_flows()
    {
        using var mesh = Fleet.Of(2, static service => service.Retry.MaxRetries = 0);
        var pipe = new Pipe();
        BeginTrial(mesh, Answer(429, 100_000, () => pipe.Reader.AsStream()));
        mesh.Time.Advance(TimeSpan.FromMinutes(1));
        using var response = await Headers(mesh, HttpMethod.Get);
        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(1)));
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        mesh.Time.Advance(TimeSpan.FromSeconds(4));
        await pipe.Writer.WriteAsync(new byte[1], Token);
        Assert.Equal(1, await body.ReadAsync(new byte[10], Token));
        mesh.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(mesh.Endpoint(1).Health.IsEjected);
    }

    [Fact]
    public async Task Trial_that_is_refused_alone_with_a_listed_status_does_not_readmit_though_its_body_flows()
    {
        using var mesh = Fleet.Of(2, static service => service.OutlierDetection.Statuses.Add("404"));
        for (var i = 0; i < 20; i++)
        {
            await ReadAsync(mesh, HttpMethod.Get);
        }

        var pipe = new Pipe();
        BeginTrial(mesh, Answer(404, 100_000, () => pipe.Reader.AsStream()));
        using var response = await Headers(mesh, HttpMethod.Get);
        Assert.True(mesh.Endpoint(1).Health.TrialInFlight);
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        mesh.Time.Advance(TimeSpan.FromSeconds(4));
        await pipe.Writer.WriteAsync(new byte[1], Token);
        Assert.Equal(1, await body.ReadAsync(new byte[10], Token));
        mesh.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.True(mesh.Endpoint(1).Health.IsEjected);
        Assert.False(mesh.Endpoint(1).Health.TrialInFlight);
    }

    private static Stream Ending(string end) => end == "breaks" ? new BreakingStream(10) : new Pipe().Reader.AsStream();

    private static ForwardOnlyStream Whole(int length) => new(new byte[length]);

    private static HttpContent Content(Stream body, int? length) => BodyVerdictTests.Answer(body, length).Content;

    private static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Answer(
        int status, int? length, Func<Stream> body) =>
        (_, _) => Task.FromResult(Head(status, Content(body(), length)));

    private static HttpResponseMessage Head(int status, HttpContent content) => new((HttpStatusCode)status) { Content = content };

    private static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Slow(
        MeshFixture mesh, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer, int milliseconds) =>
        (request, token) =>
        {
            mesh.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
            return answer(request, token);
        };

    private static int Refusals(MeshFixture mesh) => mesh.Endpoint(1).Health.Answers(mesh.Catalog().Clock.Now).Refused;

    private static void BeginTrial(MeshFixture mesh, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer)
    {
        mesh.Network.On(Fleet.At(1), answer);
        mesh.Eject(1);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
    }

    private static async Task FailAsync(MeshFixture mesh)
    {
        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));
        await ReadAsync(mesh, HttpMethod.Post);
        Assert.Equal(1, mesh.Endpoint(1).Health.ConsecutiveFailures);
    }

    private static async Task ForgetAsync(MeshFixture mesh) => await Headers(mesh, HttpMethod.Get);

    private static async Task<string> ReadAsync(MeshFixture mesh, HttpMethod method)
    {
        try
        {
            using var request = new HttpRequestMessage(method, Fleet.Url);
            using var response = await mesh.Client.SendAsync(request, Token);
            return await response.Content.ReadAsStringAsync(Token);
        }
        catch (HttpRequestException exception)
        {
            return exception.Message;
        }
    }

    private static Task<HttpResponseMessage> Headers(MeshFixture mesh, HttpMethod method) =>
        mesh.Client.SendAsync(new HttpRequestMessage(method, Fleet.Url), HttpCompletionOption.ResponseHeadersRead, Token);
}
