using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace Mesh.Client.Tests.Outbound.Calls;

public sealed class RetryRuleTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("refused", 3, 3)]
    [InlineData("dns", 3, 3)]
    [InlineData("tls", 3, 3)]
    [InlineData("connect timeout", 3, 3)]
    [InlineData("reset", 3, 1)]
    [InlineData("io", 3, 1)]
    [InlineData("attempt timeout", 3, 1)]
    [InlineData("500", 3, 1)]
    [InlineData("600", 3, 1)]
    [InlineData("999", 3, 1)]
    [InlineData("502", 3, 1)]
    [InlineData("503", 3, 1)]
    [InlineData("504", 3, 1)]
    [InlineData("501", 1, 1)]
    [InlineData("505", 1, 1)]
    [InlineData("507", 1, 1)]
    [InlineData("429", 1, 1)]
    [InlineData("503 overloaded", 1, 1)]
    [InlineData("404", 1, 1)]
    [InlineData("200", 1, 1)]
    [InlineData("version", 3, 3)]
    [InlineData("version after it was sent", 1, 1)]
    [InlineData("body", 1, 1)]
    public async Task Send_outcome_decides_how_often_get_and_post_are_sent(string outcome, int get, int post)
    {
        foreach (var (method, expected) in new[] { (HttpMethod.Get, get), (HttpMethod.Post, post) })
        {
            using var mesh = Fleet.Of(3, s => s.AttemptTimeout = TimeSpan.FromSeconds(1));
            mesh.All((_, token) => Answer(outcome, token));

            var task = mesh.Client.SendAsync(new HttpRequestMessage(method, Fleet.Url), Token);
            try
            {
                (await mesh.Advance(task, 100)).Dispose();
            }
            catch (Exception exception) when (
                exception is HttpRequestException or OperationCanceledException or IOException or InvalidOperationException)
            {
                // How it ends is the business of other tests.
            }

            Assert.Equal(expected, mesh.Network.Received.Count);
            Assert.Equal(expected, mesh.Network.Received.Select(r => r.Endpoint).Distinct().Count());
            Assert.Equal(0, mesh.InFlight());
        }
    }

    [Theory]
    [InlineData("GET", 3)]
    [InlineData("HEAD", 3)]
    [InlineData("PUT", 3)]
    [InlineData("DELETE", 3)]
    [InlineData("OPTIONS", 3)]
    [InlineData("TRACE", 3)]
    [InlineData("POST", 1)]
    [InlineData("PATCH", 1)]
    [InlineData("PURGE", 1)]
    public async Task Send_answered_503_repeats_by_method_or_key(string method, int expected)
    {
        using var mesh = Fleet.Of(3);
        mesh.All(Answers.Status(HttpStatusCode.ServiceUnavailable));
        (await mesh.Advance(mesh.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), Fleet.Url), Token))).Dispose();
        Assert.Equal(expected, mesh.Network.Received.Count);

        var keyed = new HttpRequestMessage(new HttpMethod(method), Fleet.Url) { Headers = { { "Idempotency-Key", "7" } } };
        (await mesh.Advance(mesh.Client.SendAsync(keyed, Token))).Dispose();
        Assert.Equal(expected + 3, mesh.Network.Received.Count);
    }

    /// <summary>The second one would be told 412 of what the first one has done.</summary>
    [Theory]
    [InlineData("PUT", "If-Match", 1)]
    [InlineData("PUT", "if-none-match", 1)]
    [InlineData("PUT", "If-Unmodified-Since", 1)]
    [InlineData("DELETE", "If-Match", 1)]
    [InlineData("PUT", "If-Modified-Since", 3)]
    [InlineData("GET", "If-None-Match", 3)]
    [InlineData("HEAD", "If-Match", 3)]
    public async Task Send_write_under_a_condition_is_sent_once(string method, string header, int expected)
    {
        using var mesh = Fleet.Of(3);
        mesh.All(Answers.Status(HttpStatusCode.ServiceUnavailable));
        var value = header.EndsWith("Since", StringComparison.Ordinal) ? "Sat, 28 Nov 2026 00:00:00 GMT" : "\"1\"";
        var request = new HttpRequestMessage(new HttpMethod(method), Fleet.Url) { Headers = { { header, value } } };
        (await mesh.Advance(mesh.Client.SendAsync(request, Token))).Dispose();
        Assert.Equal(expected, mesh.Network.Received.Count);

        // No connection: nothing was done.
        mesh.All(Answers.Throw(ScriptedNetwork.Refused));
        using var again = new HttpRequestMessage(new HttpMethod(method), Fleet.Url) { Headers = { { header, value } } };
        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Advance(mesh.Client.SendAsync(again, Token)));
        Assert.Equal(expected + 3, mesh.Network.Received.Count);
    }

    [Theory]
    [InlineData("bytes", 3)]
    [InlineData("memory", 3)]
    [InlineData("string", 3)]
    [InlineData("json", 3)]
    [InlineData("form", 3)]
    [InlineData("multipart", 3)]
    [InlineData("stream", 3)]
    [InlineData("stream from its middle", 3)]
    [InlineData("forward-only stream", 1)]
    [InlineData("forward-only stream of stated length", 1)]
    [InlineData("multipart of a forward-only stream", 1)]
    [InlineData("custom", 1)]
    public async Task Send_body_that_can_be_read_again_is_sent_again_whole(string kind, int expected)
    {
        using var mesh = Fleet.Of(3);
        var bodies = new List<string>();
        mesh.All(async (request, token) =>
        {
            var copy = new MemoryStream();
            await request.Content!.CopyToAsync(copy, token);
            bodies.Add(System.Text.Encoding.UTF8.GetString(copy.ToArray()));
            return new HttpResponseMessage(HttpStatusCode.BadGateway);
        });

        using var response = await mesh.Advance(mesh.Client.PutAsync(Fleet.Url, Content(kind), Token));

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Equal(expected, bodies.Count);
        Assert.All(bodies, body => Assert.Contains("hello", body, StringComparison.Ordinal));
        Assert.Single(bodies.Distinct());
    }

    [Theory]
    [InlineData("forward-only stream")]
    [InlineData("custom")]
    public async Task Send_body_that_cannot_be_read_again_goes_elsewhere_when_nothing_was_sent(string kind)
    {
        using var mesh = Fleet.Of(2, s => s.Retry.MaxRetries = 1);
        var first = true;
        var body = string.Empty;
        mesh.All(async (request, token) =>
        {
            if (first)
            {
                first = false;
                throw ScriptedNetwork.Refused();
            }

            body = await request.Content!.ReadAsStringAsync(token);
            return new HttpResponseMessage(HttpStatusCode.OK);
        });

        using var response = await mesh.Client.PostAsync(Fleet.Url, Content(kind), Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("hello", body);
    }

    [Fact]
    public async Task Send_own_primary_that_gives_up_after_sending_is_no_connect_failure()
    {
        // Only our own transport is known to say "not connected" this way.
        using var primary = new RecordingHandler(Answers.Throw(() => new TaskCanceledException("gave up", new TimeoutException())));
        using var mesh = Fleet.Of(3, primary: primary);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => mesh.Advance(mesh.Client.PostAsync(Fleet.Url, new StringContent("x"), Token)));

        Assert.Single(primary.Received);
    }

    [Fact]
    public async Task Send_retries_exhausted_returns_the_last_response_and_disposes_the_others()
    {
        using var mesh = Fleet.Of(3);
        var contents = new List<TrackedContent>();
        mesh.All((_, _) =>
        {
            contents.Add(new TrackedContent($"answer {contents.Count + 1}"));
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = contents[^1] });
        });

        using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, HttpCompletionOption.ResponseHeadersRead, Token));

        Assert.Equal("answer 3", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal([true, true], contents.Take(2).Select(c => c.Disposed));
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Send_retries_exhausted_throws_what_the_last_exception_was_with_what_was_tried()
    {
        using var mesh = Fleet.Of(3);
        var thrown = new List<Exception>();
        mesh.All((_, _) =>
        {
            thrown.Add(new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused"));
            throw thrown[^1];
        });

        var caught = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));

        var last = Assert.IsType<HttpRequestException>(thrown[^1]);
        Assert.Equal((last.HttpRequestError, last.StatusCode), (caught.HttpRequestError, caught.StatusCode));
        Assert.Same(last, caught.InnerException);
        Assert.StartsWith("Connection refused. Service 'catalog', tried: ", caught.Message, StringComparison.Ordinal);
        Assert.All(Fleet.Names(3), name =>
            Assert.Contains(name + ": connect_failure (Connection refused) after 0 ms", caught.Message, StringComparison.Ordinal));
        Assert.Equal(3, thrown.Count);
        var tried = caught.Data["mesh.attempts"]!.ToString();
        Assert.StartsWith("service 'catalog': ", tried, StringComparison.Ordinal);
        Assert.All(Fleet.Names(3), name =>
            Assert.Contains(name + ": connect_failure (Connection refused) after 0 ms", tried, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Send_success_leaves_no_trace_on_the_response()
    {
        using var mesh = Fleet.Of(3);
        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
        Assert.Single(mesh.Network.Received);
        Assert.Equal(mesh.Network.Received.Single().Endpoint, await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Send_retries_go_to_usable_then_ejected_then_tried_endpoints()
    {
        using var mesh = Fleet.Of(3, s => s.Retry.MaxRetries = 3);
        for (var i = 0; i < 3; i++)
        {
            mesh.Catalog().Outliers.OnFailure(mesh.Endpoint(2), connectFailure: true, mesh.Catalog().Clock.Now, trial: false);
        }

        Assert.True(mesh.Endpoint(2).Health.IsEjected);
        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));

        (await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token), 10)).Dispose();

        var order = mesh.Network.Received.Select(r => r.Endpoint).ToArray();
        Assert.Equal(4, order.Length);
        Assert.Equal([Fleet.At(1), Fleet.At(3)], order.Take(2).Order());
        Assert.Equal(Fleet.At(2), order[2]);
        Assert.Contains(order[3], new[] { Fleet.At(1), Fleet.At(3) });
    }

    [Fact]
    public async Task Send_ten_retries_visit_eleven_endpoints()
    {
        using var mesh = Fleet.Of(11, s => s.Retry.MaxRetries = 10);
        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));

        (await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token))).Dispose();

        Assert.Equal(11, mesh.Network.Received.Count);
        Assert.Equal(11, mesh.Network.Received.Select(r => r.Endpoint).Distinct().Count());
    }

    [Fact]
    public async Task Send_second_retry_waits_with_jitter()
    {
        using var mesh = Fleet.Of(4);
        mesh.All(Answers.Status(HttpStatusCode.InternalServerError));

        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        Assert.Equal(2, mesh.Network.Received.Count);
        Assert.False(call.IsCompleted);

        mesh.Time.Advance(TimeSpan.FromMilliseconds(50));
        (await call).Dispose();
        Assert.Equal(3, mesh.Network.Received.Count);
    }

    /// <summary>All are slow to fail, as where their own database times out: the caller gets the answer, not a timeout.</summary>
    [Theory]
    [InlineData(6_000, false, 1)]
    [InlineData(4_000, false, 2)]
    [InlineData(1_000, false, 3)]
    // What is known of the service says that others are quicker.
    [InlineData(6_000, true, 3)]
    public async Task Send_failure_that_took_longer_than_is_left_is_the_answer(int milliseconds, bool others, int attempts)
    {
        using var mesh = Fleet.Of(3);
        for (var i = 0; others && i < 200; i++)
        {
            mesh.Catalog().LearnedTimeout.Observe(TestTime.Milliseconds(10));
        }

        mesh.All((_, _) =>
        {
            mesh.Time.Advance(TimeSpan.FromMilliseconds(mesh.Network.Received.Count == 1 || !others ? milliseconds : 0));
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.GatewayTimeout));
        });

        using var request = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
        var call = mesh.Client.SendAsync(request, Token);
        using var response = await mesh.Advance(call, 1);

        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
        Assert.Equal(attempts, mesh.Network.Received.Count);
    }

    /// <summary>A write that goes on after its connection was given up would be told 404 or 409 of its own work.</summary>
    [Theory]
    [InlineData("GET", false, 2)]
    [InlineData("DELETE", false, 1)]
    [InlineData("PUT", false, 1)]
    [InlineData("DELETE", true, 2)]
    public async Task Send_learned_time_sends_no_write_a_second_time(string method, bool key, int attempts)
    {
        using var mesh = Fleet.Of(2, service => service.Timeout = TimeSpan.FromSeconds(2));
        for (var i = 0; i < 200; i++)
        {
            mesh.Catalog().LearnedTimeout.Observe(TestTime.Milliseconds(10));
        }

        mesh.All(Answers.Hang);
        using var request = new HttpRequestMessage(new HttpMethod(method), Fleet.Url);
        if (key)
        {
            request.Headers.Add("Idempotency-Key", "1");
        }

        await Assert.ThrowsAsync<TaskCanceledException>(() => mesh.Advance(mesh.Client.SendAsync(request, Token)));

        Assert.Equal(attempts, mesh.Network.Received.Count);
    }

    [Fact]
    public async Task Send_backoff_never_eats_the_rest_of_the_deadline()
    {
        using var mesh = Fleet.Of(3, s => s.Timeout = TimeSpan.FromSeconds(1));
        var count = 0;
        mesh.All((_, _) =>
        {
            if (++count == 1)
            {
                mesh.Time.Advance(TimeSpan.FromMilliseconds(999));
            }

            return count < 3 ? throw ScriptedNetwork.Refused() : Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        });

        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        mesh.Time.Advance(TimeSpan.FromMilliseconds(0.9));

        using var response = await mesh.Advance(call, 1);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("delta")]
    [InlineData("date")]
    public async Task Send_retry_on_the_only_endpoint_waits_as_long_as_it_asks(string form)
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable)
        {
            Headers = { RetryAfter = form == "delta" ? new RetryConditionHeaderValue(TimeSpan.FromSeconds(2))
                : new RetryConditionHeaderValue(mesh.Time.GetUtcNow().AddSeconds(2)) },
        }));

        var call = mesh.Client.GetAsync(Fleet.Url, Token);
        mesh.Time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Single(mesh.Network.Received);

        mesh.Time.Advance(TimeSpan.FromSeconds(0.5));
        using var response = await mesh.Advance(call);
        Assert.Equal(3, mesh.Network.Received.Count);
    }

    [Fact]
    public async Task Send_retry_after_beyond_the_deadline_ends_the_call_at_once()
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) =>
            Task.FromResult(
                new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Headers = { RetryAfter = new(TimeSpan.FromSeconds(60)) } }));

        var call = mesh.Client.GetAsync(Fleet.Url, Token);

        Assert.True(call.IsCompleted);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await call).StatusCode);
        Assert.Single(mesh.Network.Received);
    }

    /// <summary>A server may ask for years, and a timer cannot wait that long. Who has no deadline is told after a minute.</summary>
    [Theory]
    [InlineData(60, 3)]
    [InlineData(61, 1)]
    [InlineData(10_000_000, 1)]
    [InlineData(int.MaxValue, 1)]
    public async Task Send_retry_after_is_waited_for_up_to_a_minute_without_a_deadline(int seconds, int sent)
    {
        using var mesh = Fleet.Of(1, static service => service.Timeout = Timeout.InfiniteTimeSpan);
        mesh.All((_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable)
        {
            Headers = { RetryAfter = new(TimeSpan.FromSeconds(seconds)) },
        }));

        using var response = await mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token), 200);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(sent, mesh.Network.Received.Count);
    }

    /// <summary>A gateway copies it from a request that had none.</summary>
    [Theory]
    [InlineData("", 1)]
    [InlineData("  ", 1)]
    [InlineData("7", 3)]
    public async Task Send_empty_key_is_none(string key, int sent)
    {
        using var mesh = Fleet.Of(3);
        mesh.All(Answers.Status(HttpStatusCode.ServiceUnavailable));
        using var request = new HttpRequestMessage(HttpMethod.Post, Fleet.Url) { Headers = { { "Idempotency-Key", key } } };

        using var response = await mesh.Advance(mesh.Client.SendAsync(request, Token), 100);

        Assert.Equal(sent, mesh.Network.Received.Count);
    }

    [Fact]
    public async Task Send_retry_after_does_not_hold_back_a_retry_elsewhere()
    {
        using var mesh = Fleet.Of(2);
        var first = true;
        mesh.All((_, _) =>
        {
            var response =
                new HttpResponseMessage(
                    first ? HttpStatusCode.ServiceUnavailable
                    : HttpStatusCode.OK)
                { Headers = { RetryAfter = new(TimeSpan.FromSeconds(60)) } };
            first = false;
            return Task.FromResult(response);
        });

        var call = mesh.Client.GetAsync(Fleet.Url, Token);

        Assert.True(call.IsCompleted);
        Assert.Equal(HttpStatusCode.OK, (await call).StatusCode);
    }

    [Fact]
    public async Task Send_no_retries_configured_sends_once()
    {
        using var mesh = Fleet.Of(3, s => s.Retry.MaxRetries = 0);
        mesh.All(Answers.Throw(ScriptedNetwork.Refused));
        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.GetAsync(Fleet.Url, Token));
        Assert.Single(mesh.Network.Received);
    }

    [Fact]
    public async Task Send_budget_spent_returns_what_there_is()
    {
        using var mesh = Fleet.Of(3, s => s.Retry.BudgetRatio = 0);
        mesh.All(Answers.Status(HttpStatusCode.BadGateway));
        while (mesh.Catalog().Budget.TryWithdraw())
        {
        }

        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);

        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        Assert.Single(mesh.Network.Received);
    }

    [Fact]
    public async Task Send_endpoint_whose_connections_were_just_closed_goes_elsewhere_even_a_post()
    {
        using var mesh = Fleet.Of(2);
        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();
        (await mesh.Client.GetAsync(Fleet.Url, Token)).Dispose();
        mesh.Endpoint(1).Transport.Dispose();

        for (var i = 0; i < 4; i++)
        {
            using var response = await mesh.Client.PostAsync(Fleet.Url, new StringContent("x"), Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    private static Task<HttpResponseMessage> Answer(string outcome, CancellationToken token) => outcome switch
    {
        "refused" => throw ScriptedNetwork.Refused(),
        "dns" => throw new HttpRequestException(HttpRequestError.NameResolutionError),
        "tls" => throw new HttpRequestException(HttpRequestError.SecureConnectionError),
        "connect timeout" => throw new TaskCanceledException("connect", new TimeoutException()),
        "reset" => throw Answers.Broken(),
        "io" => throw new IOException("broken"),
        "version" => throw new HttpRequestException(HttpRequestError.VersionNegotiationError),
        "version after it was sent" => throw new HttpRequestException(
            HttpRequestError.VersionNegotiationError, "Only version fallback.", new HttpRequestException("Retry on an older version.")),
        "body" => throw new InvalidOperationException("The body cannot be read."),
        "attempt timeout" => Answers.Hang(null!, token),
        "503 overloaded" =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Headers = { { "mesh-overloaded", "stop" } } }),
        _ => Task.FromResult(
            new HttpResponseMessage((HttpStatusCode)int.Parse(outcome, System.Globalization.CultureInfo.InvariantCulture))),
    };

    private static HttpContent Content(string kind)
    {
        var bytes = "hello"u8.ToArray();
        switch (kind)
        {
            case "bytes": return new ByteArrayContent(bytes);
            case "memory": return new ReadOnlyMemoryContent(bytes);
            case "string": return new StringContent("hello");
            case "json": return JsonContent.Create(new { text = "hello" });
            case "form": return new FormUrlEncodedContent([new("text", "hello")]);
            case "multipart":
                return new MultipartFormDataContent(
                "b") { { new StringContent("hello"), "text" }, { new StreamContent(new MemoryStream(bytes)), "file" } };
            case "stream": return new StreamContent(new MemoryStream(bytes));
            case "stream from its middle": return new StreamContent(new MemoryStream([.. "skip"u8, .. bytes]) { Position = 4 });
            case "forward-only stream": return new StreamContent(new ForwardOnlyStream(bytes));
            case "forward-only stream of stated length":
                return new StreamContent(new ForwardOnlyStream(bytes)) { Headers = { ContentLength = bytes.Length } };
            case "multipart of a forward-only stream":
                return new MultipartFormDataContent("b") { { new StreamContent(new ForwardOnlyStream(bytes)), "file" } };
            default: return new TrackedContent("hello");
        }
    }
}
