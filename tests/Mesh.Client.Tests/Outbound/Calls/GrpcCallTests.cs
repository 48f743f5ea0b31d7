using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using Mesh.Client.Tests.Inbound;
using Mesh.Client.Tests.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Polly.CircuitBreaker;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>gRPC as it goes over the wire: its status is the outcome, and its callers see statuses.</summary>
public sealed class GrpcCallTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, "ok", false)]
    [InlineData(1, "ok", false)]
    [InlineData(2, "upstream_error", true)]
    [InlineData(3, "ok", false)]
    [InlineData(4, "upstream_error", true)]
    [InlineData(5, "ok", false)]
    [InlineData(7, "ok", false)]
    [InlineData(8, "overloaded", false)]
    [InlineData(12, "ok", false)]
    [InlineData(13, "upstream_error", true)]
    [InlineData(14, "upstream_error", true)]
    [InlineData(15, "upstream_error", true)]
    [InlineData(16, "ok", false)]
    [InlineData(99, "ok", false)]
    public async Task Send_status_in_headers_or_trailers_is_the_outcome(int status, string outcome, bool failure)
    {
        foreach (var trailersOnly in new[] { true, false })
        {
            using var mesh = Fleet.Of(2);
            using var attempts = Collect<long>(mesh, "mesh.client.attempts");
            mesh.All((_, _) => Task.FromResult(trailersOnly ? TrailersOnly(status) : WithTrailers(status)));
            for (var i = 0; i < 10; i++)
            {
                using var response = await CallAsync(mesh);
                await response.Content.CopyToAsync(Stream.Null, Token);
            }

            Assert.Equal(Enumerable.Repeat($"1 mesh.attempt.reason=first mesh.outcome={outcome} "
                + "mesh.service=catalog", 10), attempts.Lines());
            Assert.Equal(failure, mesh.Failures() > 0);
            Assert.Equal(0, mesh.InFlight());
        }
    }

    /// <summary>Another program on the port, a login page, a proxy: the caller gets a failure, and it comes quickly.</summary>
    [Theory]
    [InlineData(200, "text/html", true)]
    [InlineData(302, null, true)]
    [InlineData(303, "text/html", true)]
    [InlineData(200, "application/grpc", false)]
    [InlineData(200, "application/grpc+proto", false)]
    [InlineData(200, null, false)]
    public async Task Send_answer_that_is_none_of_gRPC_counts_against_its_endpoint(int status, string? type, bool failure)
    {
        using var mesh = Fleet.Of(2);
        mesh.All((_, _) =>
        {
            var answer = new HttpResponseMessage((HttpStatusCode)status) { Content = new TrackedContent("page") };
            answer.Content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
            answer.TrailingHeaders.Add("grpc-status", "0");
            return Task.FromResult(answer);
        });
        for (var i = 0; i < 20; i++)
        {
            using var response = await CallAsync(mesh);
            await response.Content.CopyToAsync(Stream.Null, Token);
        }

        Assert.Equal(failure, mesh.Failures() > 0);
        Assert.Equal(0, mesh.InFlight());
    }

    /// <summary>Callers of gRPC read no body of such an answer, so nothing waits for one.</summary>
    [Fact]
    public async Task Send_answer_that_refuses_by_its_head_is_judged_by_it()
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.Unauthorized)
        {
            Content = BodyVerdictTests.Answer(new Pipe().Reader.AsStream(), 20_000, "application/grpc").Content,
        }));

        using var response = await CallAsync(mesh);

        Assert.Equal(1, mesh.Endpoint(1).Health.Answers(mesh.Catalog().Clock.Now).Refused);
    }

    /// <summary>The server ends the call by the time that it was told, a little before the caller's own timer does.</summary>
    [Theory]
    [InlineData(true, true, 2_996, "deadline")]
    [InlineData(true, false, 2_996, "deadline")]
    [InlineData(false, true, 2_996, "deadline")]
    [InlineData(true, false, 2_990, "upstream_error")]
    [InlineData(false, true, 2_990, "upstream_error")]
    public async Task Send_deadline_exceeded_is_nobodys_failure_when_the_time_of_the_call_is_over(
        bool trailersOnly, bool sendsContext, int afterMs, string outcome)
    {
        using var mesh = Fleet.Of(1, s => s.SendContext = sendsContext);
        using var attempts = Collect<long>(mesh, "mesh.client.attempts");
        mesh.All((_, _) =>
        {
            mesh.Time.Advance(TimeSpan.FromMilliseconds(afterMs));
            return Task.FromResult(trailersOnly ? TrailersOnly(4) : WithTrailers(4));
        });

        using var response = await CallAsync(mesh, "3S");
        await response.Content.CopyToAsync(Stream.Null, Token);

        Assert.Equal([$"1 mesh.attempt.reason=first mesh.outcome={outcome} mesh.service=catalog"], attempts.Lines());
        Assert.Equal(outcome != "deadline", mesh.Endpoint(1).Health.HasFailures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Send_unavailable_that_says_overloaded_is_no_failure(bool trailersOnly)
    {
        using var mesh = Fleet.Of(1);
        using var attempts = Collect<long>(mesh, "mesh.client.attempts");
        mesh.All((_, _) =>
        {
            var answer = trailersOnly ? TrailersOnly(14) : WithTrailers(14);
            answer.Headers.Add("mesh-overloaded", "1");
            return Task.FromResult(answer);
        });

        using var response = await CallAsync(mesh);
        await response.Content.CopyToAsync(Stream.Null, Token);

        Assert.Equal(["1 mesh.attempt.reason=first mesh.outcome=overloaded mesh.service=catalog"], attempts.Lines());
        Assert.False(mesh.Endpoint(1).Health.HasFailures);
    }

    [Fact]
    public async Task Send_answer_that_ends_without_a_status_is_a_failure()
    {
        using var mesh = Fleet.Of(1);
        using var duration = Collect<double>(mesh, "mesh.client.call.duration");
        mesh.All((_, _) =>
        {
            var answer = WithTrailers(0);
            answer.TrailingHeaders.Clear();
            return Task.FromResult(answer);
        });

        using var response = await CallAsync(mesh);
        await response.Content.CopyToAsync(Stream.Null, Token);

        Assert.Equal(
            ["0 http.request.method=POST http.response.status_code=200 mesh.outcome=upstream_error mesh.service=catalog "
                + "rpc.response.status_code=UNKNOWN"],
            duration.Lines());
        Assert.True(mesh.Endpoint(1).Health.HasFailures);
    }

    [Fact]
    public async Task Send_trailers_decide_and_not_the_head()
    {
        using var mesh = Fleet.Of(1);
        using var duration = Collect<double>(mesh, "mesh.client.call.duration");
        using var active = Collect<long>(mesh, "mesh.client.active_calls");
        mesh.All((_, _) => Task.FromResult(WithTrailers(14)));
        using var response = await CallAsync(mesh);
        Assert.Empty(duration.Lines());
        Assert.False(mesh.Endpoint(1).Health.HasFailures);

        // Another call meanwhile, with what the first one has returned.
        mesh.All((_, _) => Task.FromResult(WithTrailers(0)));
        using (var other = await CallAsync(mesh))
        {
            await other.Content.CopyToAsync(Stream.Null, Token);
        }

        mesh.Time.Advance(TimeSpan.FromSeconds(30));
        await response.Content.CopyToAsync(Stream.Null, Token);
        Assert.True(mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(
            [
                "0 http.request.method=POST http.response.status_code=200 mesh.outcome=ok mesh.service=catalog rpc.response.status_code=OK",
                "30 http.request.method=POST http.response.status_code=200 mesh.outcome=upstream_error mesh.service=catalog "
                + "rpc.response.status_code=UNAVAILABLE",
            ],
            duration.Lines());
        Assert.Equal(0, active.GetMeasurementSnapshot().EvaluateAsCounter());
    }

    [Fact]
    public async Task Send_disposed_before_the_trailers_has_no_verdict()
    {
        using var mesh = Fleet.Of(1);
        using var duration = Collect<double>(mesh, "mesh.client.call.duration");
        mesh.All((_, _) => Task.FromResult(TrailersOnly(14)));
        (await CallAsync(mesh)).Dispose();
        Assert.True(mesh.Endpoint(1).Health.HasFailures);
        duration.Clear();

        mesh.All((_, _) => Task.FromResult(WithTrailers(0)));
        (await CallAsync(mesh)).Dispose();
        Assert.True(mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(["0 http.request.method=POST http.response.status_code=200 mesh.outcome=canceled "
            + "mesh.service=catalog"], duration.Lines());
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Send_failing_trailers_open_the_breaker()
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) => Task.FromResult(WithTrailers(13)));
        for (var i = 0; i < 20; i++)
        {
            using var response = await CallAsync(mesh);
            await response.Content.CopyToAsync(Stream.Null, Token);
        }

        Assert.False(mesh.Catalog().Breaker.IsClosed);
        using var refused = await CallAsync(mesh);
        AssertStatus(refused, 14, "The circuit breaker of service 'catalog' is open");
    }

    /// <summary>A good head comes with the first message; the call may fail behind it all the same.</summary>
    [Theory]
    [InlineData(0, CircuitState.Closed)]
    [InlineData(5, CircuitState.Closed)]
    [InlineData(14, CircuitState.Open)]
    [InlineData(2, CircuitState.Open)]
    [InlineData(8, CircuitState.Open)]
    public async Task Send_trailers_decide_on_the_trial_of_the_breaker(int status, CircuitState after)
    {
        using var mesh = Fleet.Of(1);
        await OpenAsync(mesh);
        mesh.All((_, _) => Task.FromResult(WithTrailers(status)));

        using var trial = await CallAsync(mesh);
        Assert.Equal(CircuitState.HalfOpen, mesh.Catalog().Breaker.State);
        using (var refused = await CallAsync(mesh))
        {
            AssertStatus(refused, 14, "The circuit breaker of service 'catalog' is open");
        }

        await trial.Content.CopyToAsync(Stream.Null, Token);

        Assert.Equal(after, mesh.Catalog().Breaker.State);
        Assert.Equal(0, mesh.InFlight());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Send_trial_of_the_breaker_that_stays_open_is_good_after_five_seconds(bool delivers)
    {
        using var mesh = Fleet.Of(1);
        await OpenAsync(mesh);
        var pipe = new Pipe();
        mesh.All((_, _) =>
        {
            var answer = BodyVerdictTests.Answer(pipe.Reader.AsStream(), null, "application/grpc");
            answer.TrailingHeaders.Add("grpc-status", "14");
            return Task.FromResult(answer);
        });
        using var stream = await CallAsync(mesh);
        await using var body = await stream.Content.ReadAsStreamAsync(Token);
        if (delivers)
        {
            await pipe.Writer.WriteAsync(new byte[7], Token);
            Assert.Equal(7, await body.ReadAsync(new byte[10], Token));
        }

        mesh.Time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(CircuitState.HalfOpen, mesh.Catalog().Breaker.State);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(CircuitState.Closed, mesh.Catalog().Breaker.State);

        // It ends as any other call.
        await pipe.Writer.CompleteAsync();
        Assert.Equal(0, await body.ReadAsync(new byte[10], Token));
        Assert.Equal(CircuitState.Closed, mesh.Catalog().Breaker.State);
        Assert.Equal(0, mesh.InFlight());
    }

    /// <summary>Callers who take the first message and go must not keep the others out; one who goes before it has seen nothing.</summary>
    [Theory]
    [InlineData(true, CircuitState.Closed)]
    [InlineData(false, CircuitState.Open)]
    public async Task Send_trial_of_the_breaker_that_its_caller_leaves_is_good_if_a_message_had_come(bool delivers, CircuitState after)
    {
        using var mesh = Fleet.Of(1);
        await OpenAsync(mesh);
        var pipe = new Pipe();
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(pipe.Reader.AsStream(), null, "application/grpc")));
        using (var stream = await CallAsync(mesh))
        {
            if (delivers)
            {
                await pipe.Writer.WriteAsync(new byte[7], Token);
                Assert.Equal(7, await (await stream.Content.ReadAsStreamAsync(Token)).ReadAsync(new byte[10], Token));
            }
        }

        Assert.Equal(after, mesh.Catalog().Breaker.State);

        // Nothing was shown: the next call is the trial.
        mesh.All((_, _) => Task.FromResult(WithTrailers(0)));
        using var next = await CallAsync(mesh);
        await next.Content.CopyToAsync(Stream.Null, Token);
        Assert.Equal(CircuitState.Closed, mesh.Catalog().Breaker.State);
    }

    [Theory]
    [InlineData(14, true)]
    [InlineData(0, false)]
    public async Task Send_trailers_decide_on_the_trial_of_an_endpoint(int status, bool ejected)
    {
        using var mesh = Fleet.Of(2);
        mesh.All((_, _) => Task.FromResult(WithTrailers(0)));
        mesh.Network.On(Fleet.At(1), (_, _) => Task.FromResult(WithTrailers(status)));
        mesh.Eject(1);
        mesh.Time.Advance(TimeSpan.FromSeconds(3));

        using var trial = await CallAsync(mesh);
        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(1)));
        Assert.True(mesh.Endpoint(1).Health.TrialInFlight);
        await trial.Content.CopyToAsync(Stream.Null, Token);

        Assert.Equal(ejected, mesh.Endpoint(1).Health.IsEjected);
        Assert.False(mesh.Endpoint(1).Health.TrialInFlight);
    }

    [Fact]
    public async Task Send_span_and_log_line_end_with_the_trailers()
    {
        using var mesh = new MeshFixture(options =>
        {
            options.Services[Fleet.Name] = Fleet.Options(1);
            options.Telemetry.AccessLog = true;
        });
        mesh.All((_, _) => Task.FromResult(WithTrailers(5)));
        using var response = await CallAsync(mesh);
        Assert.DoesNotContain(mesh.Logs.GetSnapshot(), r => r.Category == "Mesh.Client.Access");
        await response.Content.CopyToAsync(Stream.Null, Token);
        Assert.Equal(
            "gRPC /shop.Shop/Buy of catalog at 10.0.0.1:80: NOT_FOUND after 0 ms, 1 attempt(s), ok -",
            Assert.Single(mesh.Logs.GetSnapshot(), r => r.Category == "Mesh.Client.Access").Message);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("60S", "60000")]
    public async Task Send_only_a_deadline_of_the_whole_call_goes_along(string? timeout, string? expected)
    {
        using var mesh = Fleet.Of(1);
        string? deadline = null;
        mesh.All((request, _) =>
        {
            deadline = request.Headers.TryGetValues("mesh-deadline", out var values) ? values.Single() : null;
            return Task.FromResult(WithTrailers(0));
        });
        (await CallAsync(mesh, timeout)).Dispose();
        Assert.Equal(expected, deadline);
    }

    /// <summary>The deadline of a request over HTTP is about its answer's head: a stream that it relays goes on. That of a request of gRPC
    /// is for the whole call, and so is a time that the application has set.</summary>
    [Theory]
    [InlineData("http", null, null)]
    [InlineData("http", "60S", "60000")]
    [InlineData("http, 2 s set by the application", null, "1995")]
    [InlineData("grpc", null, "2995")]
    [InlineData("grpc", "60S", "2995")]
    public async Task Send_inherited_deadline_goes_along_only_if_it_is_for_the_whole_call(string outer, string? timeout, string? expected)
    {
        using var server = Server();
        var mesh = server.Mesh;
        string? deadline = null;
        mesh.All((request, _) =>
        {
            deadline = request.Headers.TryGetValues("mesh-deadline", out var values) ? values.Single() : null;
            return Task.FromResult(WithTrailers(0));
        });

        await WithinAsync(server, outer, async () => (await CallAsync(mesh, timeout)).Dispose());

        Assert.Equal(expected, deadline);
    }

    [Theory]
    [InlineData("http", false)]
    [InlineData("grpc", false)]
    [InlineData("http", true)]
    [InlineData("grpc", true)]
    public async Task Send_call_inside_a_request_has_its_headers_within_the_requests_time(string outer, bool body)
    {
        using var server = Server();
        var mesh = server.Mesh;
        mesh.All(async (request, token) =>
        {
            if (body)
            {
                await request.Content!.CopyToAsync(Stream.Null, token);
            }

            return await Answers.Hang(request, token);
        });
        await WithinAsync(server, outer, async () =>
        {
            var parts = new Pipe();
            using var request = Request(null, Fleet.Url);
            if (body)
            {
                request.Content = new StreamContent(parts.Reader.AsStream());
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
            }

            var call = mesh.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
            for (var i = 0; i < 29; i++)
            {
                mesh.Time.Advance(TimeSpan.FromMilliseconds(100));
                if (body)
                {
                    // A body that moves puts off the time of the policy, and not the caller's.
                    await parts.Writer.WriteAsync(new byte[1], Token);
                }
            }

            Assert.False(call.IsCompleted);
            mesh.Time.Advance(TimeSpan.FromMilliseconds(96));
            await call.Settle();
            using var response = await call;
            AssertStatus(response, 4, "deadline");
            Assert.False(mesh.Endpoint(1).Health.HasFailures);
            Assert.Equal(0, mesh.InFlight());
        });
    }

    [Theory]
    [InlineData(null, 10)]
    [InlineData("60S", 60)]
    [InlineData("3S", 3)]
    public async Task Send_time_of_the_call_stands_in_the_place_of_Timeout(string? timeout, int seconds)
    {
        using var mesh = Fleet.Of(1);
        mesh.All(Answers.Hang);
        var call = CallAsync(mesh, timeout);
        mesh.Time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(10));
        Assert.False(call.IsCompleted);
        mesh.Time.Advance(TimeSpan.FromMilliseconds(10));
        using var response = await call;
        AssertStatus(response, 4, "The call to service 'catalog' had no answer after");
        Assert.Equal(timeout is null, mesh.Endpoint(1).Health.HasFailures);
    }

    [Fact]
    public async Task Send_failures_of_the_mesh_are_statuses()
    {
        using var mesh = Fleet.Of(1);
        mesh.Network.Refuse(Fleet.At(1));
        using (var refused = await mesh.Advance(CallAsync(mesh)))
        {
            AssertStatus(refused, 14, "Connection refused");
        }

        mesh.All(Answers.Reset);
        using (var reset = await CallAsync(mesh))
        {
            AssertStatus(reset, 14, "The response ended prematurely.");
        }

        using var empty = Fleet.Of(0);
        using var nobody = await empty.Advance(CallAsync(empty, url: "mesh://nobody/shop.Shop/Buy"));
        AssertStatus(nobody, 14, "There is no service 'nobody'");
    }

    [Fact]
    public async Task Send_what_is_not_gRPC_gets_the_exception()
    {
        using var mesh = Fleet.Of(1);
        mesh.Network.Refuse(Fleet.At(1));
        using var request = Request(null, Fleet.Url);
        request.Version = HttpVersion.Version11;
        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Advance(mesh.Client.SendAsync(request, Token)));
        using var web = Request(null, Fleet.Url);
        web.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/grpc-web");
        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Advance(mesh.Client.SendAsync(web, Token)));
    }

    [Fact]
    public async Task Send_cancellation_of_the_caller_passes_through()
    {
        using var mesh = Fleet.Of(1);
        mesh.All(Answers.Hang);
        using var caller = new CancellationTokenSource();
        using var request = Request(null, Fleet.Url);
        var call = mesh.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Fact]
    public async Task Send_repetition_from_above_is_not_multiplied_and_said_once()
    {
        using var mesh = Fleet.Of(2);
        mesh.All(Answers.Status(HttpStatusCode.ServiceUnavailable));
        for (var i = 1; i <= 3; i++)
        {
            using var request = Request(null, Fleet.Url);
            request.Headers.Add("Idempotency-Key", "1");
            request.Headers.Add("grpc-previous-rpc-attempts", i.ToString(CultureInfo.InvariantCulture));
            (await mesh.Client.SendAsync(request, Token)).Dispose();
            Assert.Equal(i, mesh.Network.Received.Count);
        }

        var line = Assert.Single(mesh.Logs.GetSnapshot(), r => r.Id.Id == 1400);
        Assert.Equal("StackedGrpcRetries", line.Id.Name);
        Assert.Contains("'catalog'", line.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_repetition_from_above_pays_nothing_into_the_budget(bool repeated)
    {
        using var mesh = Fleet.Of(1, s => s.Retry.BudgetRatio = 1);
        mesh.All((_, _) => Task.FromResult(WithTrailers(0)));
        var budget = mesh.Catalog().Budget;
        while (budget.TryWithdraw())
        {
        }

        using var request = Request(null, Fleet.Url);
        if (repeated)
        {
            request.Headers.Add("grpc-previous-rpc-attempts", "1");
        }

        (await mesh.Client.SendAsync(request, Token)).Dispose();

        Assert.Equal(!repeated, budget.HasRoom);
    }

    private static ServerFixture Server() => new(options => options.Services[Fleet.Name] = Fleet.Options(1));

    /// <summary>Runs calls as the application does inside of a request that gives 3 s.</summary>
    private static Task WithinAsync(ServerFixture server, string outer, Func<Task> calls)
    {
        server.Application = async _ =>
        {
            using var scope = outer.StartsWith("http,", StringComparison.Ordinal)
                ? MeshContext.Begin(new MeshContextValues { Timeout = TimeSpan.FromSeconds(2) })
                : null;
            await calls();
        };
        var context = ServerFixture.Request(deadline: "3000");
        if (outer == "grpc")
        {
            context.Request.ContentType = "application/grpc";
        }

        return server.InvokeAsync(context);
    }

    /// <summary>Opens the breaker, and waits until a trial is due.</summary>
    private static async Task OpenAsync(MeshFixture mesh)
    {
        mesh.All((_, _) => Task.FromResult(TrailersOnly(13)));
        for (var i = 0; i < 20; i++)
        {
            (await CallAsync(mesh)).Dispose();
        }

        Assert.Equal(CircuitState.Open, mesh.Catalog().Breaker.State);
        mesh.Time.Advance(TimeSpan.FromSeconds(5));
    }

    private static void AssertStatus(HttpResponseMessage response, int status, string detail)
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal("application/grpc", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal([status.ToString(CultureInfo.InvariantCulture)], response.Headers.GetValues("grpc-status"));
        Assert.Contains(
            detail, Uri.UnescapeDataString(Assert.Single(response.Headers.GetValues("grpc-message"))), StringComparison.Ordinal);
    }

    private static MetricCollector<T> Collect<T>(MeshFixture mesh, string name)
        where T : struct => new(
            mesh.Provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), MeshTelemetry.MeterName, name);

    private static Task<HttpResponseMessage> CallAsync(
        MeshFixture mesh, string? timeout = null, string url = Fleet.Url + "shop.Shop/Buy") =>
        mesh.Client.SendAsync(Request(timeout, url), HttpCompletionOption.ResponseHeadersRead, Token);

    private static HttpRequestMessage Request(string? timeout, string url)
    {
        var content = new ByteArrayContent(new byte[5]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Version = HttpVersion.Version20, Content = content };
        if (timeout is not null)
        {
            request.Headers.Add("grpc-timeout", timeout);
        }

        return request;
    }

    private static HttpResponseMessage TrailersOnly(int status)
    {
        var response = BodyVerdictTests.Answer(new ForwardOnlyStream([]), null, "application/grpc");
        response.Version = HttpVersion.Version20;
        response.Headers.Add("grpc-status", status.ToString(CultureInfo.InvariantCulture));
        return response;
    }

    private static HttpResponseMessage WithTrailers(int status)
    {
        var response = BodyVerdictTests.Answer(new ForwardOnlyStream(new byte[7]), null, "application/grpc");
        response.Version = HttpVersion.Version20;
        response.TrailingHeaders.Add("grpc-status", status.ToString(CultureInfo.InvariantCulture));
        return response;
    }
}
