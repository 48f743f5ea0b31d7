using System.IO.Pipelines;
using System.Net;
using Mesh.Client.Options;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>The caller gives up: at each point where a call can wait, its own token comes back and no endpoint is blamed.</summary>
public sealed class CancellationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Send_cancelled_before_it_begins_blames_nobody()
    {
        using var mesh = Fleet.Of(2);
        mesh.All(Answers.Hang);
        using var caller = Cancelled();

        await AssertCancelled(mesh, caller, Invoke(mesh, HttpMethod.Get, caller.Token));
        await AssertCancelled(mesh, caller, mesh.Client.GetAsync(Fleet.Url, caller.Token));
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Send_cancelled_while_the_endpoint_works_blames_nobody(string method)
    {
        using var mesh = Fleet.Of(2);
        mesh.All(Answers.Hang);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var call = Invoke(mesh, new HttpMethod(method), caller.Token);
        Assert.Equal(1, mesh.InFlight());
        await caller.CancelAsync();

        await AssertCancelled(mesh, caller, call);
        Assert.Single(mesh.Network.Received);
    }

    /// <summary>With an HttpClient.Timeout shorter than that of the service, nobody learns that an endpoint hangs. That is said
    /// once.</summary>
    [Theory]
    [InlineData(5, 1000, false, 1)]
    [InlineData(12, 1000, false, 1)]
    [InlineData(4, 1000, false, 0)]
    [InlineData(12, 99, false, 0)]
    [InlineData(12, 1000, true, 0)]
    public async Task Calls_given_up_at_a_silent_endpoint_are_noted(int calls, int after, bool answersOthers, int lines)
    {
        using var mesh = Fleet.Of(1);
        mesh.All((request, token) => request.Method == HttpMethod.Head
            ? Task.FromResult(new HttpResponseMessage { RequestMessage = request })
            : Answers.Hang(request, token));
        for (var i = 0; i < calls; i++)
        {
            using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var call = Invoke(mesh, HttpMethod.Get, caller.Token);
            mesh.Time.Advance(TimeSpan.FromMilliseconds(after));
            if (answersOthers)
            {
                (await Invoke(mesh, HttpMethod.Head, Token)).Dispose();
            }

            await caller.CancelAsync();
            await AssertCancelled(mesh, caller, call);
        }

        var noted = mesh.Logs.GetSnapshot().Where(static record => record.Id.Id == 1401).ToList();
        Assert.Equal(lines, noted.Count);
        Assert.All(noted, record => Assert.StartsWith(
            "Five calls in a row to service 'catalog' were given up by their callers, the last one after 1000 ms, while endpoint ",
            record.Message,
            StringComparison.Ordinal));
    }

    /// <summary>It has no latency and no failure: what its callers waited for is all that is known of it.</summary>
    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Endpoint_that_hangs_from_the_beginning_is_avoided_though_only_callers_give_up(string method)
    {
        using var mesh = Fleet.Of(3, static service => service.LoadBalancing.Policy = LoadBalancingPolicies.Adaptive);
        mesh.All((request, _) =>
        {
            mesh.Time.Advance(TimeSpan.FromMilliseconds(2));
            return Task.FromResult(new HttpResponseMessage { RequestMessage = request });
        });
        mesh.Network.On(Fleet.At(1), Answers.Hang);
        var lost = 0;
        for (var i = 0; i < 300; i++)
        {
            using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var call = Invoke(mesh, new HttpMethod(method), caller.Token);
            if (!call.IsCompleted)
            {
                // Once a time is learned, a GET goes on elsewhere.
                mesh.Time.Advance(TimeSpan.FromMilliseconds(300));
            }

            if (call.IsCompleted)
            {
                (await call).Dispose();
            }
            else
            {
                lost++;
                await caller.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
            }

            mesh.Time.Advance(TimeSpan.FromMilliseconds(50));
        }

        // Looked at again after 1, 2, 4, 8 s.
        Assert.InRange(lost, 1, 12);
    }

    /// <summary>An answer in between shows that the endpoint lives.</summary>
    [Fact]
    public async Task Answer_between_calls_given_up_begins_the_count_anew()
    {
        using var mesh = Fleet.Of(1);
        mesh.All((request, token) => request.Method == HttpMethod.Head
            ? Task.FromResult(new HttpResponseMessage { RequestMessage = request })
            : Answers.Hang(request, token));
        for (var i = 0; i < 12; i++)
        {
            if (i % 4 == 0)
            {
                (await Invoke(mesh, HttpMethod.Head, Token)).Dispose();
            }

            using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var call = Invoke(mesh, HttpMethod.Get, caller.Token);
            mesh.Time.Advance(TimeSpan.FromSeconds(1));
            await caller.CancelAsync();
            await AssertCancelled(mesh, caller, call);
        }

        Assert.DoesNotContain(mesh.Logs.GetSnapshot(), static record => record.Id.Id == 1401);
    }

    [Fact]
    public async Task Send_exception_that_carries_the_callers_token_is_passed_on_itself()
    {
        using var mesh = Fleet.Of(2);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var thrown = new OperationCanceledException(caller.Token);
        mesh.All((_, _) =>
        {
            caller.Cancel();
            throw thrown;
        });

        Assert.Same(thrown, await Assert.ThrowsAsync<OperationCanceledException>(() => Invoke(mesh, HttpMethod.Get, caller.Token)));
    }

    [Fact]
    public async Task Send_cancelled_during_a_retry_blames_only_who_failed()
    {
        using var mesh = Fleet.Of(2);
        var first = true;
        mesh.All((request, token) =>
        {
            if (first)
            {
                first = false;
                throw Answers.Broken();
            }

            return Answers.Hang(request, token);
        });
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var call = Invoke(mesh, HttpMethod.Get, caller.Token);
        Assert.Equal(2, mesh.Network.Received.Count);
        await caller.CancelAsync();

        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(caller.Token, canceled.CancellationToken);
        Assert.Equal(0, mesh.InFlight());
        Assert.Single(mesh.Catalog().Endpoints.Current.All, e => e.Health.HasFailures);
    }

    [Fact]
    public async Task Send_cancelled_while_a_retry_waits_ends_at_once_and_disposes_the_answer()
    {
        using var mesh = Fleet.Of(1);
        var content = new TrackedContent("no");
        mesh.All((_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable)
        {
            Content = content,
            Headers = { RetryAfter = new(TimeSpan.FromSeconds(3)) },
        }));
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var call = Invoke(mesh, HttpMethod.Get, caller.Token);
        Assert.False(call.IsCompleted);
        await caller.CancelAsync();

        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(caller.Token, canceled.CancellationToken);
        Assert.True(content.Disposed);
        Assert.Equal(0, mesh.InFlight());
        Assert.Single(mesh.Network.Received);
    }

    [Fact]
    public async Task Send_cancelled_just_as_a_failure_arrives_lets_the_answer_go()
    {
        using var mesh = Fleet.Of(2);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var content = new TrackedContent("no");
        mesh.All((_, _) =>
        {
            caller.Cancel();
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = content });
        });

        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Invoke(mesh, HttpMethod.Get, caller.Token));

        Assert.Equal(caller.Token, canceled.CancellationToken);
        Assert.True(content.Disposed);
        Assert.Equal(0, mesh.InFlight());
        Assert.Single(mesh.Network.Received);
    }

    [Fact]
    public async Task Read_cancelled_during_the_body_blames_nobody()
    {
        using var mesh = Fleet.Of(1);
        var pipe = new Pipe();
        mesh.All(Answers.Body(new StreamContent(pipe.Reader.AsStream())));
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using var response = await mesh.Client.GetAsync(Fleet.Url, HttpCompletionOption.ResponseHeadersRead, Token);
        var body = await response.Content.ReadAsStreamAsync(Token);
        Assert.Equal(1, mesh.InFlight());

        var read = body.ReadAsync(new byte[10], caller.Token).AsTask();
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Equal(0, mesh.InFlight());
        Assert.False(mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(1f, mesh.Endpoint(1).Load.Success(mesh.Catalog().Clock.Now));
    }

    [Fact]
    public void Send_synchronously_cancelled_blames_nobody()
    {
        using var mesh = Fleet.Of(2);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);
        mesh.All((_, token) =>
        {
            caller.Cancel();
            token.ThrowIfCancellationRequested();
            throw new InvalidOperationException("The caller's token has not reached the transport.");
        });

        using var invoker = new HttpMessageInvoker(mesh.Handler, disposeHandler: false);
        var canceled = Assert.ThrowsAny<OperationCanceledException>(
            () => invoker.Send(new HttpRequestMessage(HttpMethod.Get, Fleet.Url), caller.Token));

        Assert.Equal(caller.Token, canceled.CancellationToken);
        Assert.Equal(0, mesh.InFlight());
        Assert.DoesNotContain(mesh.Catalog().Endpoints.Current.All, e => e.Health.HasFailures);
    }

    [Fact]
    public async Task Send_duplex_body_stays_tied_to_the_caller_until_the_response_ends_and_no_longer()
    {
        using var mesh = Fleet.Of(1);
        var pipe = new Pipe();
        var seen = CancellationToken.None;
        mesh.All((request, token) =>
        {
            seen = token;
            return Task.FromResult(
                new HttpResponseMessage(
                    HttpStatusCode.OK)
                { Version = HttpVersion.Version20, Content = new StreamContent(pipe.Reader.AsStream()) });
        });

        using var first = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var response = await Invoke(mesh, HttpMethod.Post, first.Token, new TrackedContent("x"));
        mesh.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(seen.IsCancellationRequested);
        await first.CancelAsync();
        Assert.True(seen.IsCancellationRequested);
        response.Dispose();

        // After the end nothing of the call may hang on a token that lives as long as the process.
        using var second = CancellationTokenSource.CreateLinkedTokenSource(Token);
        (await Invoke(mesh, HttpMethod.Post, second.Token, new TrackedContent("x"))).Dispose();
        await second.CancelAsync();
        Assert.False(seen.IsCancellationRequested);
    }

    [Fact]
    public async Task Send_body_of_unknown_length_over_http1_leaves_nothing_on_the_callers_token()
    {
        using var mesh = Fleet.Of(1);
        var seen = CancellationToken.None;
        mesh.All((_, token) =>
        {
            seen = token;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        });
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(Token);

        (await Invoke(mesh, HttpMethod.Post, caller.Token, System.Net.Http.Json.JsonContent.Create(1))).Dispose();
        await caller.CancelAsync();

        Assert.False(seen.IsCancellationRequested);
    }

    [Fact]
    public async Task Send_request_disposed_by_its_owner_meanwhile_still_ends_the_lease()
    {
        using var mesh = new MeshFixture(
            options => options.Services[Fleet.Name] =
                new ServiceOptions { Endpoints = { "http://10.0.0.1/base" }, Retry = { MaxRetries = 0 } });
        mesh.Network.On(Fleet.At(1), (request, _) =>
        {
            request.Dispose();
            throw Answers.Broken();
        });

        await Assert.ThrowsAnyAsync<Exception>(() => Invoke(mesh, HttpMethod.Get, Token));

        Assert.Equal(0, mesh.InFlight());
        Assert.True(mesh.Endpoint(1).Health.HasFailures);
    }

    private static Task<HttpResponseMessage> Invoke(
        MeshFixture mesh, HttpMethod method, CancellationToken token, HttpContent? content = null) =>
        new HttpMessageInvoker(mesh.Handler, disposeHandler: false).SendAsync(
            new HttpRequestMessage(method, Fleet.Url) { Content = content }, token);

    private static CancellationTokenSource Cancelled()
    {
        var source = new CancellationTokenSource();
        source.Cancel();
        return source;
    }

    private static async Task AssertCancelled(MeshFixture mesh, CancellationTokenSource caller, Task call)
    {
        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(caller.Token, canceled.CancellationToken);
        Assert.IsNotType<TimeoutException>(canceled.InnerException);
        Assert.Equal(0, mesh.InFlight());
        Assert.All(mesh.Catalog().Endpoints.Current.All, e =>
        {
            Assert.False(e.Health.HasFailures);
            Assert.Equal(1f, e.Load.Success(mesh.Catalog().Clock.Now));
        });
        Assert.Equal(0f, mesh.Catalog().Budget.FailureShare);
    }
}
