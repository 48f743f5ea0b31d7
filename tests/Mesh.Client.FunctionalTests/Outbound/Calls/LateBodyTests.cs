using System.Globalization;
using System.IO.Compression;
using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Outbound.Calls;

/// <summary>A read that is given up leaves nothing on the connection: the calls after it get their own answers.</summary>
public sealed class LateBodyTests
{
    private const int Rounds = 3;

    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("length", 21)]
    [InlineData("length", 100_000)]
    [InlineData("chunked", 21)]
    [InlineData("chunked", 100_000)]
    public async Task Timeout_of_the_caller_in_a_blocking_read_harms_no_other_call(string kind, int length)
    {
        await using var server = await TestServer.StartAsync(AnswerAsync);
        await using var application = new MeshApplication(Settings.Service("late", server.Url));
        using var client = application.Client();
        client.Timeout = Limit;

        for (var round = 0; round < Rounds; round++)
        {
            var exception = await FailAsync(() =>
            {
                using var response = client.Send(Late(kind, length), Token);
            });

            Assert.IsType<TaskCanceledException>(exception);
            Assert.IsType<TimeoutException>(exception.InnerException);
            await OthersAreAnsweredAsync(application, round, HttpVersion.Version11);
        }
    }

    [Theory]
    [InlineData("length", 21)]
    [InlineData("length", 100_000)]
    [InlineData("chunked", 21)]
    [InlineData("chunked", 100_000)]
    public async Task Silence_in_a_blocking_read_harms_no_other_call(string kind, int length)
    {
        await using var server = await TestServer.StartAsync(AnswerAsync);
        await using var application = new MeshApplication(
            Settings.Service("late", server.Url).With("Services:late:BodyIdleTimeout", Limit));
        using var client = application.Client();

        for (var round = 0; round < Rounds; round++)
        {
            var exception = await FailAsync(() =>
            {
                using var response = client.Send(Late(kind, length), HttpCompletionOption.ResponseHeadersRead, Token);
                using var body = response.Content.ReadAsStream(Token);
                body.CopyTo(Stream.Null);
            });

            Assert.True(exception is IOException or HttpRequestException, exception.ToString());
            Assert.Contains("BodyIdleTimeout", exception.Message, StringComparison.Ordinal);
            await OthersAreAnsweredAsync(application, round, HttpVersion.Version11);
        }
    }

    [Theory]
    [InlineData("length", 21, "1.1")]
    [InlineData("length", 100_000, "1.1")]
    [InlineData("chunked", 21, "1.1")]
    [InlineData("length", 100_000, "2.0")]
    [InlineData("chunked", 21, "2.0")]
    public async Task Silence_in_a_blocking_read_of_an_asynchronous_call_harms_no_other_call(string kind, int length, string version)
    {
        var protocol = Version.Parse(version);
        await using var server = await TestServer.StartAsync(
            AnswerAsync, listen => listen.Protocols = protocol.Major == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1);

        // Longer than the head waits for a small body: then it is the caller who reads.
        var idle = kind == "length" && length < 1000 ? TimeSpan.FromSeconds(1.3) : Limit;
        await using var application = new MeshApplication(
            Settings.Service("late", server.Url).With("Services:late:BodyIdleTimeout", idle));
        using var client = application.Client();

        for (var round = 0; round < Rounds; round++)
        {
            using var request = Late(kind, length, idle + idle + Pause);
            request.Version = protocol;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token).Soon();
            await using var body = await response.Content.ReadAsStreamAsync(Token);

            var exception = await FailAsync(() => body.CopyTo(Stream.Null));

            Assert.IsType<IOException>(exception);
            Assert.Contains("BodyIdleTimeout", exception.Message, StringComparison.Ordinal);
            await OthersAreAnsweredAsync(application, round, protocol);
        }

        Assert.True(protocol.Major < 2 || server.Connections == 1);
    }

    [Theory]
    [InlineData("length", false)]
    [InlineData("gzip", false)]
    [InlineData("length", true)]
    [InlineData("chunked", true)]
    public async Task Silence_in_a_blocking_read_through_the_users_handler_harms_no_other_call(string kind, bool tls)
    {
        await using var server = await TestServer.StartAsync(
            AnswerAsync,
            listen =>
            {
                if (tls)
                {
                    listen.UseHttps(Certificates.ForServer("localhost"));
                }
            });
        await using var application = new MeshApplication(
            Settings.Service("late", server.NamedUrl).With("Services:late:BodyIdleTimeout", Limit),
            services => services.AddHttpClient("other").ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
            {
                AutomaticDecompression = DecompressionMethods.GZip,
                SslOptions = { CertificateChainPolicy = Certificates.TrustRoot() },
            }));
        using var client = application.Client("other");

        for (var round = 0; round < Rounds; round++)
        {
            var exception = await FailAsync(() =>
            {
                using var response = client.Send(Late(kind, 100_000), HttpCompletionOption.ResponseHeadersRead, Token);
                using var body = response.Content.ReadAsStream(Token);
                body.CopyTo(Stream.Null);
            });

            Assert.IsType<IOException>(exception);
            Assert.Contains("BodyIdleTimeout", exception.Message, StringComparison.Ordinal);
            await OthersAreAnsweredAsync(application, round, HttpVersion.Version11);
        }
    }

    [Theory]
    [InlineData("length", 21, "response", "1.1")]
    [InlineData("length", 100_000, "response", "1.1")]
    [InlineData("chunked", 21, "response", "1.1")]
    [InlineData("chunked", 100_000, "stream", "1.1")]
    [InlineData("length", 100_000, "response", "2.0")]
    public async Task Dispose_during_a_read_harms_no_other_call(string kind, int length, string what, string version)
    {
        var protocol = Version.Parse(version);
        await using var server = await TestServer.StartAsync(
            AnswerAsync, listen => listen.Protocols = protocol.Major == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using var application = new MeshApplication(Settings.Service("late", server.Url));
        using var client = application.Client();

        for (var round = 0; round < Rounds; round++)
        {
            // Longer than the head waits for a small body: then it is the caller who reads.
            using var request = Late(kind, length, TimeSpan.FromSeconds(length < 1000 ? 2.5 : 1));
            request.Version = protocol;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token).Soon();
            var body = await response.Content.ReadAsStreamAsync(Token);
            await body.ReadExactlyAsync(new byte[5], Token).AsTask().Soon();
            var reading = body.ReadAsync(new byte[100], Token).AsTask();

            (what == "stream" ? (IDisposable)body : response).Dispose();

            await Assert.ThrowsAnyAsync<Exception>(() => reading.Soon());
            await OthersAreAnsweredAsync(application, round, protocol);
            response.Dispose();
        }

        Assert.True(protocol.Major < 2 || server.Connections == 1);
    }

    /// <summary>On a thread of its own, as synchronous code has it.</summary>
    private static async Task<Exception> FailAsync(Action call) =>
        await Assert.ThrowsAnyAsync<Exception>(
            () => Task.Factory.StartNew(call, Token, TaskCreationOptions.LongRunning, TaskScheduler.Default).Soon());

    private static HttpRequestMessage Late(string kind, int length, TimeSpan? pause = null) =>
        new(HttpMethod.Post, string.Create(
            CultureInfo.InvariantCulture, $"http://late/{kind}/{length}/{(pause ?? Pause).TotalMilliseconds}"));

    private static async Task OthersAreAnsweredAsync(MeshApplication application, int round, Version version)
    {
        using var client = application.Client("other");
        for (var i = 0; i < 3; i++)
        {
            var number = $"{round}.{i}";
            using var request = new HttpRequestMessage(i == 1 ? HttpMethod.Get : HttpMethod.Post, $"http://late/number/{number}");
            request.Version = version;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            using var response = await client.SendAsync(request, Token).Soon();
            Assert.Equal($"answer {number}", await response.Content.ReadAsStringAsync(Token).Soon());
        }
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!.Split('/');
        if (path[1] == "number")
        {
            await context.Response.WriteAsync($"answer {path[2]}", context.RequestAborted);
            return;
        }

        var length = int.Parse(path[2], CultureInfo.InvariantCulture);
        var body = new byte[length];
        if (path[1] == "gzip")
        {
            context.Response.Headers.ContentEncoding = "gzip";
            body = Compressed(body);
        }

        context.Response.ContentLength = path[1] == "length" ? length : null;
        await context.Response.Body.WriteAsync(body.AsMemory(0, 5), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Patience.PassAsync(
            TimeSpan.FromMilliseconds(double.Parse(path[3], CultureInfo.InvariantCulture)), context.RequestAborted);
        await context.Response.Body.WriteAsync(body.AsMemory(5), context.RequestAborted);
    }

    private static byte[] Compressed(byte[] bytes)
    {
        using var result = new MemoryStream();
        using (var compression = new GZipStream(result, CompressionLevel.Fastest, leaveOpen: true))
        {
            compression.Write(bytes);
        }

        return result.ToArray();
    }
}
