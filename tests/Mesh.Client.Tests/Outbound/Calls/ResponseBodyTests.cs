using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;

namespace Mesh.Client.Tests.Outbound.Calls;

public sealed class ResponseBodyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static async Task ForgetAsync(MeshFixture mesh) => _ = await Headers(mesh);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(16 * 1024, 0)]
    [InlineData((16 * 1024) + 1, 1)]
    public async Task Send_body_size_decides_how_long_the_endpoint_is_in_flight(int size, int inFlight)
    {
        using var mesh = Fleet.Of(1);
        mesh.All(Answers.Body(new ByteArrayContent(new byte[size])));
        using var response = await Headers(mesh);
        Assert.Equal(inFlight, mesh.InFlight());
        Assert.Equal(size, (await response.Content.ReadAsByteArrayAsync(Token)).Length);
        Assert.Equal(0, mesh.InFlight());
    }

    [Theory]
    [InlineData("HEAD", 200)]
    [InlineData("GET", 204)]
    [InlineData("GET", 304)]
    [InlineData("GET", 101)]
    [InlineData("CONNECT", 200)]
    public async Task Send_answers_without_a_body_leave_at_the_headers(string method, int status)
    {
        using var mesh = Fleet.Of(1);
        mesh.All((_, _) => Task.FromResult(new HttpResponseMessage((HttpStatusCode)status)
        {
            Content = new StreamContent(new ForwardOnlyStream([])),
        }));
        using var invoker = new HttpMessageInvoker(mesh.Handler, disposeHandler: false);
        using var response = await invoker.SendAsync(new HttpRequestMessage(new HttpMethod(method), Fleet.Url), Token);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Send_head_keeps_the_length_of_what_it_does_not_carry()
    {
        using var mesh = Fleet.Of(1);
        mesh.All(Answers.Body(new ByteArrayContent([]) { Headers = { ContentLength = 1_000_000 } }));
        using var response = await mesh.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Head, Fleet.Url), HttpCompletionOption.ResponseHeadersRead, Token);
        Assert.Equal(1_000_000, response.Content.Headers.ContentLength);
        Assert.Equal(0, mesh.InFlight());
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("text/event-stream", 1)]
    public async Task Response_that_nobody_disposes_of_leaves_with_the_collector(string? type, int openEnded)
    {
        using var mesh = Fleet.Of(1);
        mesh.All(Answers.Body(Streamed(new ForwardOnlyStream([]), type)));
        await ForgetAsync(mesh);
        Assert.Equal(1, mesh.InFlight());
        Assert.Equal(openEnded, mesh.Endpoint(1).Load.OpenEnded);

        // The method's own state may hold on to it for a while.
        for (var i = 0; i < 100 && mesh.InFlight() != 0; i++)
        {
            await Task.Yield();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(0, mesh.InFlight());
        Assert.Equal(0, mesh.Endpoint(1).Load.OpenEnded);
    }

    /// <summary>Without a limit to its silence a download is still one.</summary>
    [Fact]
    public async Task Download_without_an_idle_timeout_keeps_its_endpoint_busy()
    {
        using var mesh = Fleet.Of(1, service => service.BodyIdleTimeout = Timeout.InfiniteTimeSpan);
        mesh.All(Answers.Body(Streamed(new ForwardOnlyStream([]), null)));
        using var response = await Headers(mesh);

        Assert.Equal(0, mesh.Endpoint(1).Load.OpenEnded);
        Assert.Equal(1, mesh.Endpoint(1).Load.Busy(mesh.Catalog().Clock.Now + TimeSpan.FromMinutes(1)));
    }

    [Theory]
    [InlineData("end", null)]
    [InlineData("end", "text/event-stream")]
    [InlineData("dispose stream", null)]
    [InlineData("dispose stream", "text/event-stream")]
    [InlineData("dispose response", null)]
    [InlineData("dispose response", "text/event-stream")]
    [InlineData("error", null)]
    [InlineData("error", "text/event-stream")]
    [InlineData("never read", null)]
    [InlineData("never read", "text/event-stream")]
    public async Task Read_streamed_body_leaves_once_however_it_ends(string how, string? type)
    {
        using var mesh = Fleet.Of(1);
        var pipe = new Pipe();
        mesh.All(Answers.Body(Streamed(pipe.Reader.AsStream(), type)));
        using var response = await Headers(mesh);
        await pipe.Writer.WriteAsync(new byte[100], Token);
        Assert.Equal(1, mesh.InFlight());
        Assert.Equal(type is null ? 0 : 1, mesh.Endpoint(1).Load.OpenEnded);
        var buffer = new byte[1000];
        var body = how == "never read" ? Stream.Null : await response.Content.ReadAsStreamAsync(Token);
        if (how != "never read")
        {
            Assert.Equal(100, await body.ReadAsync(buffer, Token));
            Assert.Equal(1, mesh.InFlight());
        }

        switch (how)
        {
            case "end":
                await pipe.Writer.CompleteAsync();
                Assert.Equal(0, await body.ReadAsync(Memory<byte>.Empty, Token));
                Assert.Equal(0, await body.ReadAsync(buffer, Token));
                break;
            case "dispose stream":
                await body.DisposeAsync();
                break;
            case "error":
                await pipe.Writer.CompleteAsync(new IOException("reset"));
                await Assert.ThrowsAsync<IOException>(() => body.ReadAsync(buffer, Token).AsTask());
                break;
            default:
                response.Dispose();
                break;
        }

        Assert.Equal(0, mesh.InFlight());
        Assert.Equal(how == "error", mesh.Endpoint(1).Health.HasFailures);
        response.Dispose();
        Assert.Equal(0, mesh.InFlight());
        Assert.Equal(0, mesh.Endpoint(1).Load.OpenEnded);
    }

    /// <summary>By its token a caller tells its own cancellation from others.</summary>
    [Theory]
    [InlineData("read")]
    [InlineData("copy")]
    [InlineData("text")]
    public async Task Read_that_the_caller_cancels_says_so_with_its_token(string how)
    {
        using var mesh = Fleet.Of(1);
        var pipe = new Pipe();
        mesh.All(Answers.Body(Streamed(pipe.Reader.AsStream(), type: null)));
        using var response = await Headers(mesh);
        await pipe.Writer.WriteAsync(new byte[100], Token);
        using var caller = new CancellationTokenSource();
        var body = await response.Content.ReadAsStreamAsync(Token);
        Assert.Equal(100, await body.ReadAsync(new byte[1000], Token));

        var reading = how switch
        {
            "read" => body.ReadAsync(new byte[1000], caller.Token).AsTask(),
            "copy" => body.CopyToAsync(Stream.Null, caller.Token),
            _ => new StreamReader(body).ReadToEndAsync(caller.Token),
        };
        await caller.CancelAsync();

        var canceled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        Assert.Equal(caller.Token, canceled.CancellationToken);
        Assert.False(mesh.Endpoint(1).Health.HasFailures);
    }

    [Fact]
    public async Task Read_silent_body_ends_with_a_clear_message_and_a_failure_of_the_endpoint()
    {
        using var mesh = Fleet.Of(1, s => s.BodyIdleTimeout = TimeSpan.FromSeconds(7));
        var pipe = new Pipe();
        mesh.All(Answers.Body(new StreamContent(pipe.Reader.AsStream())));
        using var response = await Headers(mesh);
        var body = await response.Content.ReadAsStreamAsync(Token);

        // Each byte begins the silence anew, and the timeout of the call is long over.
        for (var i = 0; i < 4; i++)
        {
            var some = body.ReadAsync(new byte[10], Token).AsTask();
            mesh.Time.Advance(TimeSpan.FromSeconds(6.9));
            Assert.False(some.IsCompleted);
            await pipe.Writer.WriteAsync(new byte[1], Token);
            Assert.Equal(1, await some);
        }

        var read = body.ReadAsync(new byte[10], Token).AsTask();
        mesh.Time.Advance(TimeSpan.FromSeconds(7));

        var exception = await Assert.ThrowsAsync<IOException>(() => read);
        Assert.IsType<TimeoutException>(exception.InnerException);
        Assert.Contains($"from {Fleet.At(1)} for 7 s (BodyIdleTimeout)", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Mesh:Services:catalog:BodyIdleTimeout", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, mesh.InFlight());
        Assert.True(mesh.Endpoint(1).Health.HasFailures);
    }

    [Theory]
    [InlineData("text/event-stream")]
    [InlineData("Text/Event-Stream; charset=utf-8")]
    [InlineData("application/grpc")]
    [InlineData("application/grpc+proto")]
    [InlineData("multipart/x-mixed-replace; boundary=x")]
    [InlineData("application/x-ndjson")]
    [InlineData("application/ndjson; charset=utf-8")]
    [InlineData("application/jsonl")]
    [InlineData("application/json-seq")]
    [InlineData("Application/Stream+JSON")]
    public async Task Read_bodies_that_are_silent_by_nature_are_waited_for(string type)
    {
        using var mesh = Fleet.Of(1);
        var pipe = new Pipe();
        mesh.All(Answers.Body(new StreamContent(pipe.Reader.AsStream()) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } }));
        using var response = await Headers(mesh);
        var body = await response.Content.ReadAsStreamAsync(Token);

        var read = body.ReadAsync(new byte[10], Token).AsTask();
        mesh.Time.Advance(TimeSpan.FromHours(1));
        Assert.False(read.IsCompleted);
        await pipe.Writer.WriteAsync(new byte[3], Token);
        Assert.Equal(3, await read);
    }

    [Fact]
    public async Task Read_buffered_by_HttpClient_gives_the_same_text_headers_and_length()
    {
        using var mesh = Fleet.Of(1);
        var text = new string('ä', 20_000);
        mesh.All((_, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StringContent(text) { Headers = { { "X-Odd", ["a", "b"] }, { "Content-Language", "de" } } },
        }));

        Assert.Equal(text, await mesh.Client.GetStringAsync(Fleet.Url, Token));

        using var response = await mesh.Client.GetAsync(Fleet.Url, Token);
        Assert.Equal(40_000, response.Content.Headers.ContentLength);
        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(["a", "b"], response.Content.Headers.GetValues("X-Odd"));
        Assert.Equal(["de"], response.Content.Headers.ContentLanguage);
        Assert.Equal(text, await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(text, await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Read_body_of_unknown_length_keeps_it_unknown()
    {
        using var mesh = Fleet.Of(1);
        mesh.All(Answers.Body(new StreamContent(new ForwardOnlyStream("hello"u8.ToArray()))));
        using var response = await Headers(mesh);
        Assert.Null(response.Content.Headers.ContentLength);
        Assert.Equal("hello", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Read_buffered_by_HttpClient_and_silent_fails_as_a_request()
    {
        using var mesh = Fleet.Of(1);
        var pipe = new Pipe();
        mesh.All(Answers.Body(new StreamContent(pipe.Reader.AsStream())));
        var call = mesh.Client.GetStringAsync(Fleet.Url, Token);
        mesh.Time.Advance(TimeSpan.FromSeconds(15));
        var exception = await Assert.ThrowsAnyAsync<Exception>(() => call);
        Assert.Contains("BodyIdleTimeout", exception.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, mesh.InFlight());
    }

    private static StreamContent Streamed(Stream body, string? type)
    {
        var content = new StreamContent(body);
        content.Headers.ContentType = type is null ? null : new MediaTypeHeaderValue(type);
        return content;
    }

    private static Task<HttpResponseMessage> Headers(MeshFixture mesh) =>
        mesh.Client.GetAsync(Fleet.Url, HttpCompletionOption.ResponseHeadersRead, Token);
}
