using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Mesh.Client.Tests.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>Whose failure it was: a body that cannot be read is sent once and blames nobody, whatever it throws.</summary>
public sealed class BodyFailureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Failures
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var method in new[] { "POST", "PUT" })
            {
                foreach (var kind in new[]
                {
                    "refused",
                    "timeout",
                    "canceled",
                    "io",
                    "socket",
                    "reset",
                    "response",
                    "server",
                    "disposed",
                    "other",
                })
                {
                    data.Add(method, kind);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Send_body_that_throws_is_sent_once_and_blames_nobody(string method, string kind)
    {
        using var mesh = Fleet.Of(3);
        mesh.All(ReadAsync);
        using var outcomes = new MetricCollector<long>(
            mesh.Provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), "Mesh.Client", "mesh.client.attempts");
        var thrown = Failure(kind);

        for (var i = 0; i < 20; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), Fleet.Url)
            {
                Content = new Writing(async stream => { await stream.WriteAsync("row"u8.ToArray(), Token); throw thrown; }),
            };
            var exception = await Assert.ThrowsAnyAsync<Exception>(() => mesh.Client.SendAsync(request, Token));
            Assert.True(ReferenceEquals(exception, thrown) || ReferenceEquals(exception.InnerException, thrown), exception.ToString());
        }

        Assert.Equal(20, mesh.Network.Received.Count);
        Assert.All(outcomes.Lines(), line => Assert.Contains("local_error", line, StringComparison.Ordinal));
        AssertBlameless(mesh);
    }

    [Fact]
    public async Task Send_body_that_fails_before_its_first_byte_blames_nobody()
    {
        using var mesh = Fleet.Of(3);
        mesh.All(ReadAsync);

        await Assert.ThrowsAsync<HttpRequestException>(
            () => mesh.Client.PostAsync(Fleet.Url, new Writing(_ => throw ScriptedNetwork.Refused()), Token));

        Assert.Single(mesh.Network.Received);
        AssertBlameless(mesh);
    }

    [Fact]
    public void Send_synchronously_body_that_throws_blames_nobody()
    {
        using var mesh = Fleet.Of(3);
        mesh.All((request, token) =>
        {
            request.Content!.CopyTo(Stream.Null, null, token);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        });
        using var request = new HttpRequestMessage(HttpMethod.Put, Fleet.Url)
        {
            Content = new Writing(_ => throw ScriptedNetwork.Refused()),
        };

        Assert.Throws<HttpRequestException>(() => mesh.Client.Send(request, Token));

        Assert.Single(mesh.Network.Received);
        AssertBlameless(mesh);
    }

    [Fact]
    public async Task Send_length_that_throws_blames_nobody()
    {
        using var mesh = Fleet.Of(3);
        mesh.All((request, token) => Task.FromResult(new HttpResponseMessage(request.Content!.Headers.ContentLength > 0 ? HttpStatusCode.OK
            : HttpStatusCode.LengthRequired)));

        await Assert.ThrowsAsync<IOException>(
            () => mesh.Client.PutAsync(Fleet.Url, new Writing(_ => Task.CompletedTask, () => throw new IOException("The file is gone.")),
                Token));

        Assert.Single(mesh.Network.Received);
        AssertBlameless(mesh);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Send_endpoint_that_takes_no_more_has_broken_off_whatever_the_body_makes_of_it(bool wraps)
    {
        using var mesh = Fleet.Of(1, s => s.Retry.MaxRetries = 0);
        using var outcomes = new MetricCollector<long>(
            mesh.Provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), "Mesh.Client", "mesh.client.attempts");
        mesh.All(async (request, token) =>
        {
            await request.Content!.CopyToAsync(new Refusing(), token);
            return new HttpResponseMessage(HttpStatusCode.OK);
        });
        var body = new Writing(async stream =>
        {
            try
            {
                await stream.WriteAsync("row"u8.ToArray(), Token);
            }
            catch (IOException exception) when (wraps)
            {
                throw new IOException("The export failed.", exception);
            }
        });

        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.PostAsync(Fleet.Url, body, Token));

        Assert.Contains("upstream_reset", Assert.Single(outcomes.Lines()), StringComparison.Ordinal);
        Assert.Equal(0, mesh.InFlight());
    }

    /// <summary>The transport connects again only for a request that no server has processed, so another endpoint may have it. A body that
    /// can be read once is gone by then.</summary>
    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public async Task Send_no_connection_after_the_body_began_goes_elsewhere_only_with_a_body_that_can_be_read_again(
        bool again, int expected)
    {
        using var mesh = Fleet.Of(3);
        mesh.All(async (request, token) =>
        {
            await request.Content!.CopyToAsync(Stream.Null, token);
            return mesh.Network.Received.Count == 1 ? throw ScriptedNetwork.Refused() : new HttpResponseMessage(HttpStatusCode.OK);
        });
        HttpContent content = again ? JsonContent.Create(1) : new StreamContent(new ForwardOnlyStream([1, 2, 3]));

        var failure = await Record.ExceptionAsync(async () => (await mesh.Client.PostAsync(Fleet.Url, content, Token)).Dispose());

        Assert.Equal(again, failure is null);
        Assert.Equal(expected, mesh.Network.Received.Count);
        Assert.Equal(0, mesh.InFlight());
    }

    /// <summary>The runtime repeats by itself what has no body. What follows a CONNECT belongs to somebody else.</summary>
    [Theory]
    [InlineData("POST", true)]
    [InlineData("CONNECT", false)]
    [InlineData("GET", false)]
    public async Task Send_what_may_not_be_repeated_carries_a_body_without_bytes(string method, bool carries)
    {
        using var mesh = Fleet.Of(1);
        bool? carried = null;
        mesh.All((sent, _) =>
        {
            carried = sent.Content is not null;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        });
        using var request = new HttpRequestMessage(new HttpMethod(method), Fleet.Url);

        (await mesh.Client.SendAsync(request, Token)).Dispose();

        Assert.Equal(carries, carried);
        Assert.Null(request.Content);
    }

    [Fact]
    public async Task Send_request_is_the_users_during_and_after()
    {
        using var mesh = Fleet.Of(1);
        HttpContent? seen = null;
        mesh.All(async (request, token) =>
        {
            seen = request.Content;
            Assert.Equal("text/x-rows; v=1", seen!.Headers.NonValidated["Content-Type"].ToString());
            Assert.Equal(["a", "b"], seen.Headers.ContentEncoding);
            Assert.Equal("not a date", seen.Headers.NonValidated["Expires"].ToString());
            Assert.Equal("1", seen.Headers.NonValidated["X-Rows"].ToString());
            Assert.Equal("rows", await seen.ReadAsStringAsync(token));
            return new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request };
        });
        var content = new Writing(async stream => await stream.WriteAsync("rows"u8.ToArray(), Token));
        content.Headers.ContentType = new("text/x-rows") { Parameters = { new("v", "1") } };
        content.Headers.ContentEncoding.Add("a");
        content.Headers.ContentEncoding.Add("b");
#pragma warning disable RS0030
        content.Headers.TryAddWithoutValidation("Expires", "not a date");
#pragma warning restore RS0030
        content.Headers.Add("X-Rows", "1");

        using var response = await mesh.Client.PostAsync(Fleet.Url, content, Token);

        Assert.NotSame(content, seen);
        Assert.Same(content, response.RequestMessage!.Content);
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(10, false)]
    [InlineData(100_000, true)]
    public async Task Send_length_stays_what_it_was(int bytes, bool memory)
    {
        using var mesh = Fleet.Of(1);
        long? length = null;
        var read = 0L;
        mesh.All(async (request, token) =>
        {
            length = request.Content!.Headers.ContentLength;
            var copy = new MemoryStream();
            await request.Content.CopyToAsync(copy, token);
            read = copy.Length;
            return new HttpResponseMessage(HttpStatusCode.OK);
        });
        HttpContent content = memory ? new ByteArrayContent(new byte[bytes]) : new StreamContent(new MemoryStream(new byte[bytes]));

        (await mesh.Client.PostAsync(Fleet.Url, content, Token)).Dispose();

        Assert.Equal(bytes, length);
        Assert.Equal(bytes, read);
    }

    [Fact]
    public async Task Send_own_primary_that_puts_a_content_of_its_own_in_place_finds_the_users_again()
    {
        var bodies = new List<string>();
        using var primary = new RecordingHandler(async (request, token) =>
        {
            bodies.Add(await request.Content!.ReadAsStringAsync(token));
            request.Content = new StringContent($"zip({bodies[^1]})");
            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        });
        using var mesh = Fleet.Of(3, primary: primary);
        var content = new StringContent("x");

        using var request = new HttpRequestMessage(HttpMethod.Put, Fleet.Url) { Content = content };
        (await mesh.Advance(mesh.Client.SendAsync(request, Token))).Dispose();

        Assert.Equal(["x", "x", "x"], bodies);
        Assert.Same(content, request.Content);
    }

    [Fact]
    public async Task Send_own_primary_that_reads_the_stream_gets_all_of_it_each_time()
    {
        var bodies = new List<string>();
        using var primary = new RecordingHandler(async (request, token) =>
        {
            using var reader = new StreamReader(await request.Content!.ReadAsStreamAsync(token));
            bodies.Add(await reader.ReadToEndAsync(token));
            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        });
        using var mesh = Fleet.Of(3, primary: primary);

        (await mesh.Advance(mesh.Client.PutAsync(Fleet.Url, new StreamContent(new MemoryStream("rows"u8.ToArray())), Token))).Dispose();

        Assert.Equal(["rows", "rows", "rows"], bodies);
    }

    [Fact]
    public async Task Send_body_that_can_be_read_once_is_not_given_twice_to_a_transport_that_repeats_by_itself()
    {
        using var mesh = Fleet.Of(2);
        mesh.All(async (request, token) =>
        {
            // As the runtime does after REFUSED_STREAM.
            await request.Content!.CopyToAsync(Stream.Null, token);
            await request.Content!.CopyToAsync(Stream.Null, token);
            return new HttpResponseMessage(HttpStatusCode.OK);
        });

        var exception = await Assert.ThrowsAsync<HttpRequestException>(
            () => mesh.Client.PutAsync(Fleet.Url, new Writing(_ => Task.CompletedTask), Token));

        Assert.Contains("only once", exception.Message, StringComparison.Ordinal);
        Assert.Single(mesh.Network.Received);
        Assert.Contains(mesh.Catalog().Endpoints.Current.All, e => e.Health.HasFailures);
    }

    /// <summary>The runtime ends the response, too, when the request body fails that is still being sent.</summary>
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Read_answer_that_breaks_while_the_body_is_sent_is_the_endpoints_failure_unless_the_body_failed(
        bool bodyFails, bool blamed)
    {
        using var mesh = Fleet.Of(1);
        var rows = new TaskCompletionSource();
        var answer = new Pipe();
        var sending = Task.CompletedTask;
        mesh.All((request, token) =>
        {
            sending = request.Content!.CopyToAsync(Stream.Null, token);
            return Task.FromResult(
                new HttpResponseMessage(
                    HttpStatusCode.OK)
                { Version = HttpVersion.Version20, Content = new StreamContent(answer.Reader.AsStream()) });
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, Fleet.Url) { Content = new Writing(_ => rows.Task) };
        using var response = await mesh.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        var body = await response.Content.ReadAsStreamAsync(Token);
        if (bodyFails)
        {
            rows.SetException(new InvalidOperationException("The rows are wrong."));
            await Assert.ThrowsAnyAsync<Exception>(() => sending);
        }

        await answer.Writer.CompleteAsync(new IOException("reset"));
        await Assert.ThrowsAnyAsync<IOException>(() => body.ReadAsync(new byte[1], Token).AsTask());

        Assert.Equal(blamed, mesh.Endpoint(1).Health.HasFailures);
        Assert.Equal(0, mesh.InFlight());
        rows.TrySetResult();
    }

    private static async Task<HttpResponseMessage> ReadAsync(HttpRequestMessage request, CancellationToken token)
    {
        await request.Content!.CopyToAsync(Stream.Null, token);
        return new HttpResponseMessage(HttpStatusCode.OK) { RequestMessage = request };
    }

    private static void AssertBlameless(MeshFixture mesh)
    {
        Assert.Equal(0, mesh.InFlight());
        Assert.DoesNotContain(mesh.Catalog().Endpoints.Current.All, e => e.Health.HasFailures);
        Assert.Equal(0f, mesh.Catalog().Budget.FailureShare);
        Assert.Equal(Polly.CircuitBreaker.CircuitState.Closed, mesh.Catalog().Breaker.State);
    }

    private static Exception Failure(string kind) => kind switch
    {
        "refused" => new HttpRequestException(
            HttpRequestError.ConnectionError, "Connection refused (price:80)", new SocketException((int)SocketError.ConnectionRefused)),
        "timeout" => new TaskCanceledException("The price service did not answer.", new TimeoutException()),
        "canceled" => new OperationCanceledException("Somebody else's token."),
        "io" => new IOException("The disk is gone."),
        "socket" => new IOException("The download broke.", new SocketException((int)SocketError.ConnectionReset)),
        "reset" => new ConnectionResetException("Reset.", new SocketException((int)SocketError.ConnectionReset)),
        "response" => new HttpIOException(HttpRequestError.ResponseEnded, "The download ended early."),
        "server" => new BadHttpRequestException("Unexpected end of request content."),
        "disposed" => new ObjectDisposedException(typeof(SocketsHttpHandler).FullName),
        "other" => new InvalidOperationException("The rows are wrong."),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private sealed class Refusing : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            throw new IOException("Broken pipe.", new SocketException((int)SocketError.Shutdown));
    }
}
