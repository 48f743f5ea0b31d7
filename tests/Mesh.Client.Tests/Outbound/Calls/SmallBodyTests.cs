using System.IO.Pipelines;
using System.Net;
using System.Text;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>A body of up to 16 KiB belongs to its head: it is read within the attempt, as far as that holds nobody up.</summary>
public sealed class SmallBodyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, false)]
    [InlineData(16 * 1024, false)]
    [InlineData(1, true)]
    [InlineData(16 * 1024, true)]
    public async Task Send_body_that_comes_with_its_head_is_there_and_the_endpoint_free(int size, bool synchronous)
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) =>
        {
            var response = BodyVerdictTests.Answer(new ForwardOnlyStream(new byte[size]), size, "application/json");
            response.Content.Headers.Add("X-Odd", ["a", "b"]);
            return Task.FromResult(response);
        });

        using var request = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
        using var response = synchronous
            ? mesh.Client.Send(request, HttpCompletionOption.ResponseHeadersRead, Token)
            : await mesh.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);

        Assert.Equal(0, mesh.InFlight());
        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(["a", "b"], response.Content.Headers.GetValues("X-Odd"));
        Assert.Equal(size, response.Content.Headers.ContentLength);
        Assert.Equal(size, (await response.Content.ReadAsByteArrayAsync(Token)).Length);
    }

    /// <summary>How much the client takes is the caller's choice, and nobody's failure.</summary>
    [Theory]
    [InlineData(99, 200, false)]
    [InlineData(199, 200, false)]
    [InlineData(99, 200, true)]
    [InlineData(16 * 1024 - 1, 16 * 1024, false)]
    [InlineData(99, 20_000, false)]
    public async Task Send_body_above_the_clients_limit_fails_as_without_the_mesh_and_blames_nobody(int limit, int size, bool synchronous)
    {
        using var mesh = Fleet.Of(2);
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(new ForwardOnlyStream(new byte[size]), size)));
        mesh.Client.MaxResponseContentBufferSize = limit;

        for (var i = 0; i < 10; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
            var exception = synchronous
                ? Assert.Throws<HttpRequestException>(() => mesh.Client.Send(request, Token))
                : await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.SendAsync(request, Token));
            Assert.Equal(HttpRequestError.ConfigurationLimitExceeded, exception.HttpRequestError);
        }

        Assert.Equal(10, mesh.Network.Received.Count);
        Assert.False(mesh.Endpoint(1).Health.HasFailures || mesh.Endpoint(2).Health.HasFailures);
        Assert.Equal(0, mesh.InFlight());
        Assert.Equal(0, mesh.Catalog().Budget.FailureShare);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_body_that_fits_the_clients_limit_is_there_as_often_as_it_is_read(bool synchronous)
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(new ForwardOnlyStream("hello"u8.ToArray()), 5)));
        mesh.Client.MaxResponseContentBufferSize = 5;
        using var request = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
        using var response = synchronous ? mesh.Client.Send(request, Token) : await mesh.Client.SendAsync(request, Token);

        Assert.Equal("hello", await response.Content.ReadAsStringAsync(Token));
        var copy = new MemoryStream();
        await response.Content.CopyToAsync(copy, Token);
        Assert.Equal("hello", Encoding.UTF8.GetString(copy.ToArray()));
    }

    /// <summary>Not buffered, it is read once: what was read is memory that other calls use again.</summary>
    [Theory]
    [InlineData("copy")]
    [InlineData("copy synchronously")]
    [InlineData("stream")]
    [InlineData("stream synchronously")]
    public async Task Send_body_that_is_not_buffered_is_read_once_as_without_the_mesh(string how)
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(new ForwardOnlyStream("hello"u8.ToArray()), 5)));
        using var response = await Headers(mesh);

        Assert.Equal("hello", await ReadAsync());
        if (how.StartsWith("stream", StringComparison.Ordinal))
        {
            Assert.Same(await response.Content.ReadAsStreamAsync(Token), await response.Content.ReadAsStreamAsync(Token));
            response.Dispose();
        }
        else
        {
            await Assert.ThrowsAsync<InvalidOperationException>(ReadAsync);
        }

        async Task<string> ReadAsync()
        {
            using var copy = new MemoryStream();
            switch (how)
            {
                case "copy":
                    await response.Content.CopyToAsync(copy, Token);
                    break;
                case "copy synchronously":
                    response.Content.CopyTo(copy, null, Token);
                    break;
                case "stream":
                    await (await response.Content.ReadAsStreamAsync(Token)).CopyToAsync(copy, Token);
                    break;
                default:
                    response.Content.ReadAsStream(Token).CopyTo(copy);
                    break;
            }

            return Encoding.UTF8.GetString(copy.ToArray());
        }
    }

    [Theory]
    [InlineData("own", true)]
    [InlineData("io", false)]
    [InlineData("request", false)]
    public async Task Send_body_of_the_users_own_primary_handler_throws_what_it_throws(string kind, bool asItIs)
    {
        Exception thrown = kind switch
        {
            "own" => new NotSupportedException("The test double was not told this."),
            "io" => new IOException("Gone."),
            _ => Answers.Broken(),
        };
        using var primary = new RecordingHandler((_, _) => Task.FromResult(BodyVerdictTests.Answer(new BreakingStream(3, thrown), 10)));
        using var mesh = Fleet.Of(1, primary: primary);

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => mesh.Advance(mesh.Client.GetAsync(Fleet.Url, Token)));

        Assert.Equal(asItIs, ReferenceEquals(thrown, exception));
        Assert.Equal(!asItIs, exception is HttpRequestException);
        Assert.Equal(0, mesh.InFlight());
        if (asItIs)
        {
            Assert.Single(primary.Received);
        }
    }

    /// <summary>Whatever length it states: the head is there before the first event.</summary>
    [Fact]
    public async Task Send_events_do_not_hold_their_head_up()
    {
        using var mesh = Fleet.Of(1);
        var events = new Pipe();
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(events.Reader.AsStream(), 100, "text/event-stream")));

        var call = Headers(mesh);

        Assert.True(call.IsCompletedSuccessfully);
        (await call).Dispose();
    }

    [Fact]
    public async Task Send_body_that_is_in_memory_is_left_as_it_is()
    {
        using var mesh = Fleet.Of(1);
        using var content = new StringContent("hello");
        mesh.All(Answers.Body(content));
        using var response = await Headers(mesh);
        Assert.Same(content, response.Content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_body_that_breaks_is_a_failed_attempt_and_repeated_elsewhere(bool synchronous)
    {
        using var mesh = Fleet.Of(2);
        mesh.Network.On(Fleet.At(1), (_, _) => Task.FromResult(BodyVerdictTests.Answer(new BreakingStream(10), 100)));
        for (var i = 0; i < 4; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
            using var response = synchronous ? mesh.Client.Send(request, Token) : await mesh.Client.SendAsync(request, Token);
            Assert.Equal(Fleet.At(2), await response.Content.ReadAsStringAsync(Token));
        }

        Assert.Equal(2, mesh.Network.CountOf(Fleet.At(1)));
        Assert.True(mesh.Endpoint(1).Health.HasFailures);
    }

    [Fact]
    public async Task Send_body_that_breaks_and_may_not_be_repeated_fails_with_what_it_was()
    {
        using var mesh = Fleet.Of(2);
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(new BreakingStream(10), 100)));
        var exception = await Assert.ThrowsAnyAsync<HttpRequestException>(() => mesh.Client.PostAsync(Fleet.Url, null, Token));
        Assert.Single(mesh.Network.Received);
        Assert.Equal(HttpRequestError.ResponseEnded, exception.HttpRequestError);
        Assert.IsType<HttpIOException>(exception.InnerException);
        Assert.Contains("of service 'catalog' broke off after 10 of 100 bytes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_body_that_is_silent_is_a_failed_attempt_and_repeated_elsewhere()
    {
        using var mesh = Fleet.Of(2, s => s.BodyIdleTimeout = TimeSpan.FromSeconds(2));
        mesh.Network.On(Fleet.At(1), (_, _) => Task.FromResult(BodyVerdictTests.Answer(new Pipe().Reader.AsStream(), 100)));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(Fleet.At(2), await mesh.Advance(mesh.Client.GetStringAsync(Fleet.Url, Token)));
        }

        Assert.Equal(1, mesh.Network.CountOf(Fleet.At(1)));
        Assert.True(mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(0, mesh.InFlight());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_body_that_is_silent_and_may_not_be_repeated_ends_by_BodyIdleTimeout(bool headersFirst)
    {
        using var mesh = Fleet.Of(1, s => s.BodyIdleTimeout = TimeSpan.FromSeconds(20));
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(new Pipe().Reader.AsStream(), 100)));
        using var request = new HttpRequestMessage(HttpMethod.Post, Fleet.Url);
        var call = mesh.Client.SendAsync(
            request, headersFirst ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead, Token);
        Exception exception;
        if (headersFirst)
        {
            using var response = await mesh.Advance(call);
            exception = await Assert.ThrowsAnyAsync<HttpRequestException>(() => mesh.Advance(response.Content.ReadAsStringAsync(Token)));
        }
        else
        {
            exception = await Assert.ThrowsAnyAsync<HttpRequestException>(() => mesh.Advance(call));
        }

        Assert.Contains($"from {Fleet.At(1)} for 20 s (BodyIdleTimeout)", exception.Message, StringComparison.Ordinal);
        Assert.True(mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(0, mesh.InFlight());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Send_body_in_drops_does_not_hold_up_the_head_and_comes_whole(string method)
    {
        using var mesh = Fleet.Of(1);
        var drops = new DroppingStream();
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(drops, 100)));
        using var request = new HttpRequestMessage(new HttpMethod(method), Fleet.Url);
        var call = mesh.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await GiveUntil(call);
        Assert.InRange(drops.Given, 1, 5);

        using var response = await call;
        var body = await response.Content.ReadAsStreamAsync(Token);
        Assert.Equal(1, mesh.InFlight());
        var text = new StringBuilder();
        var buffer = new byte[7];
        while (text.Length < 100)
        {
            var read = body.ReadAsync(buffer, Token).AsTask();
            await GiveUntil(read);
            text.Append(Encoding.ASCII.GetString(buffer, 0, await read));
        }

        Assert.Equal(string.Concat(Enumerable.Range(0, 100).Select(i => (char)('a' + (i % 26)))), text.ToString());
        Assert.False(mesh.Endpoint(1).Health.HasFailures);

        // Thirty seconds in all: more than Timeout, and than BodyIdleTimeout.
        async Task GiveUntil(Task task)
        {
            while (await Task.WhenAny(task, drops.AskedAsync(Token)) != task)
            {
                mesh.Time.Advance(TimeSpan.FromSeconds(0.3));
                drops.Give();
            }
        }
    }

    [Fact]
    public async Task Send_time_until_the_body_is_there_is_the_latency()
    {
        using var mesh = Fleet.Of(1);
        var pipe = new Pipe();
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(pipe.Reader.AsStream(), 5)));
        var call = mesh.Client.GetStringAsync(Fleet.Url, Token);
        mesh.Time.Advance(TimeSpan.FromMilliseconds(800));
        await pipe.Writer.WriteAsync("hello"u8.ToArray(), Token);
        await pipe.Writer.CompleteAsync();
        Assert.Equal("hello", await call);
        Assert.Equal(800f, mesh.Endpoint(1).Load.Latency);
    }

    [Theory]
    [InlineData(true, 1800f)]
    [InlineData(false, 0f)]
    public async Task Read_time_until_a_body_behind_its_head_is_there_is_the_latency_if_it_is_read_to_its_end(bool whole, float latency)
    {
        using var mesh = Fleet.Of(1);
        var pipe = new Pipe();
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(pipe.Reader.AsStream(), 5)));
        using var request = new HttpRequestMessage(HttpMethod.Post, Fleet.Url);
        var call = mesh.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        mesh.Time.Advance(TimeSpan.FromSeconds(1));
        using (var response = await call)
        {
            mesh.Time.Advance(TimeSpan.FromMilliseconds(800));
            await pipe.Writer.WriteAsync("hello"u8.ToArray(), Token);
            await pipe.Writer.CompleteAsync();
            Assert.Equal(whole ? "hello" : null, whole ? await response.Content.ReadAsStringAsync(Token) : null);
        }

        Assert.Equal(latency, mesh.Endpoint(1).Load.Latency);
    }

    [Fact]
    public async Task Send_caller_that_gives_up_meanwhile_blames_nobody()
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(new Pipe().Reader.AsStream(), 5)));
        using var caller = new CancellationTokenSource();
        var call = mesh.Client.GetAsync(Fleet.Url, caller.Token);
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.False(mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Send_read_that_goes_on_behind_the_head_ends_with_the_callers_token()
    {
        using var mesh = Fleet.Of(1);
        var stuck = new StuckStream();
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(stuck, 100)));
        using var caller = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, Fleet.Url);

        // Not by way of HttpClient, which forgets the token with the head.
        using var invoker = new HttpMessageInvoker(mesh.Handler, disposeHandler: false);
        using var response = await mesh.Advance(invoker.SendAsync(request, caller.Token));

        Assert.False(stuck.Token.IsCancellationRequested);
        await caller.CancelAsync();
        Assert.True(stuck.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task Send_error_answer_with_a_body_that_breaks_is_one_failure()
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) =>
        {
            var response = BodyVerdictTests.Answer(new BreakingStream(10), 100);
            response.StatusCode = HttpStatusCode.BadGateway;
            return Task.FromResult(response);
        });
        for (var i = 0; i < 4; i++)
        {
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => mesh.Client.PostAsync(Fleet.Url, null, Token));
        }

        Assert.Equal((0, 4), mesh.Endpoint(1).Health.Recent(mesh.Catalog().Clock.Now));
        Assert.Equal(0, mesh.InFlight());
    }

    [Theory]
    [InlineData(HttpStatusCode.NotFound)]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Found)]
    public async Task Send_refusal_with_a_body_that_breaks_is_the_answer_and_not_repeated(HttpStatusCode status)
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) => Task.FromResult(Refusal(status, new BreakingStream(10))));

        using var response = await Headers(mesh);

        Assert.Equal(status, response.StatusCode);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => response.Content.ReadAsStringAsync(Token));
        Assert.Single(mesh.Network.Received);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Send_refusal_with_a_body_that_is_silent_does_not_hold_up_the_head()
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) => Task.FromResult(Refusal(HttpStatusCode.NotFound, new Pipe().Reader.AsStream())));

        // The clock stands still.
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.GetStringAsync(Fleet.Url, Token));

        Assert.Equal(HttpStatusCode.NotFound, exception.StatusCode);
        Assert.Equal(0, mesh.InFlight());
    }

    [Theory]
    [InlineData("disposed")]
    [InlineData("silent")]
    [InlineData("read cancelled")]
    public async Task Send_body_whose_rest_is_not_wanted_is_never_disposed_of_under_a_read(string kind)
    {
        using var mesh = Fleet.Of(1);
        var stream = new NeverReadStream();
        mesh.All((_, _) => Task.FromResult(BodyVerdictTests.Answer(stream, 100)));
        using (var response = await mesh.Advance(mesh.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, Fleet.Url),
            HttpCompletionOption.ResponseHeadersRead, Token)))
        {
            var body = await response.Content.ReadAsStreamAsync(Token);
            if (kind == "silent")
            {
                await Assert.ThrowsAnyAsync<IOException>(() => mesh.Advance(body.ReadAsync(new byte[1], Token).AsTask()));
            }
            else if (kind == "read cancelled")
            {
                using var caller = new CancellationTokenSource();
                var read = body.ReadAsync(new byte[1], caller.Token).AsTask();
                await caller.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
            }
        }

        Assert.True(stream.IsDisposed);
        Assert.False(stream.WasReading);
        Assert.Equal(0, mesh.InFlight());
    }

    private static HttpResponseMessage Refusal(HttpStatusCode status, Stream body)
    {
        var response = BodyVerdictTests.Answer(body, 100);
        response.StatusCode = status;
        return response;
    }

    private static Task<HttpResponseMessage> Headers(MeshFixture mesh) =>
        mesh.Client.GetAsync(Fleet.Url, HttpCompletionOption.ResponseHeadersRead, Token);

    /// <summary>Never has a byte, and keeps the token that the read was given.</summary>
    private sealed class StuckStream : MemoryStream
    {
        public CancellationToken Token { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Token = cancellationToken;
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            return 0;
        }
    }
}
