using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Outbound.Transport;

/// <summary>What a server of HTTP/2 says it has not processed goes elsewhere; what it may have processed does not. Holds the runtime to how
/// it tells them apart.</summary>
public sealed class UnprocessedTests
{
    private const int RefusedStream = 7;
    private const int Cancel = 8;

    public static MatrixTheoryData<string, string> BodiesAndHandlers =>
        new(["memory", "json", "bytes", "none"], ["mesh", "bare", "bare without redirects"]);

    public static MatrixTheoryData<string, string, string> BodiesAndEnds =>
        new(["memory", "json", "bytes"], ["at once", "nothing"], ["mesh", "bare"]);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("refused", "memory")]
    [InlineData("refused", "json")]
    [InlineData("refused", "none")]
    [InlineData("beyond", "memory")]
    [InlineData("beyond", "json")]
    [InlineData("beyond", "none")]
    public async Task Post_that_was_not_processed_goes_elsewhere(string how, string body)
    {
        using var refusing = how == "refused" ? RawHttp2Server.Resetting(RefusedStream) : RawHttp2Server.Leaving(included: false);
        await using var alive = await TestServer.StartAsync(_ => Task.CompletedTask, listen => listen.Protocols = HttpProtocols.Http2);
        await using var application = Application(refusing.Url, alive.Url);

        for (var i = 0; i < 6; i++)
        {
            using var request = Post(body);
            using var response = await application.Client().SendAsync(request, Token).Soon();
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.True(refusing.Requests > 0);
        Assert.Equal(6, alive.Requests);
        Assert.All(application.State("two").Endpoints.Current.All, e => Assert.Equal(0, e.Load.InFlight));
    }

    /// <summary>The runtime sends it again by itself, to an address at which nothing listens any more. That the body was begun before does
    /// not mean that it has arrived.</summary>
    [Theory]
    [MemberData(nameof(BodiesAndHandlers))]
    public async Task Post_that_was_not_processed_goes_elsewhere_when_the_server_is_gone_by_then(string body, string handler)
    {
        for (var i = 0; i < 3; i++)
        {
            using var leaving = RawHttp2Server.Gone();
            await using var alive = await TestServer.StartAsync(_ => Task.CompletedTask, listen => listen.Protocols = HttpProtocols.Http2);
            await using var application = ApplicationOver(handler, leaving.Url, alive.Url);

            for (var j = 0; j < 2; j++)
            {
                using var request = Post(body);
                using var response = await application.Client().SendAsync(request, Token).Soon();
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }

            Assert.Equal(1, leaving.Requests);
            Assert.Equal(2, alive.Requests);
        }
    }

    /// <summary>A handler of the user's may itself send again what has arrived: only the runtime's is known not to.</summary>
    [Theory]
    [InlineData("wrapped", "json")]
    [InlineData("mesh", "once")]
    [InlineData("bare", "once")]
    public async Task Post_that_may_have_been_processed_fails_when_the_server_is_gone(string handler, string body)
    {
        using var leaving = RawHttp2Server.Gone();
        await using var alive = await TestServer.StartAsync(_ => Task.CompletedTask, listen => listen.Protocols = HttpProtocols.Http2);
        await using var application = ApplicationOver(handler, leaving.Url, alive.Url);
        var failed = 0;

        for (var j = 0; j < 2; j++)
        {
            using var request = Post(body);
            failed += await Record.ExceptionAsync(
                async () => (await application.Client().SendAsync(request, Token).Soon()).Dispose()) is null
                ? 0
                : 1;
        }

        Assert.Equal(1, failed);
        Assert.Equal(1, leaving.Requests);
        Assert.Equal(1, alive.Requests);
    }

    /// <summary>Its first frame comes before anything that a server processes. A request that was being written when the connection broke
    /// is told nothing of that: it may fail.</summary>
    [Theory]
    [MemberData(nameof(BodiesAndEnds))]
    public async Task Post_that_is_told_that_the_server_has_said_nothing_yet_goes_elsewhere(
        string body, string how, string handler)
    {
        using var dying = how == "at once" ? RawHttp2Server.Closing() : RawHttp2Server.Dying(how);
        await using var alive = await TestServer.StartAsync(_ => Task.CompletedTask, listen => listen.Protocols = HttpProtocols.Http2);
        await using var application = ApplicationOver(handler, dying.Url, alive.Url);

        var failures = new ConcurrentBag<Exception>();

        await Parallel.ForEachAsync(
            Enumerable.Range(0, 30), new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = Token }, async (_, token) =>
        {
            using var request = Post(body);
            if (await Record.ExceptionAsync(async () => (await application.Client().SendAsync(request, token)).Dispose()) is { } failure)
            {
                failures.Add(failure);
            }
        });

        Assert.All(failures, static failure =>
        {
            Assert.DoesNotContain("did not complete the HTTP/2 handshake", failure.ToString(), StringComparison.Ordinal);
            Assert.IsType<SocketException>(failure.GetBaseException());
        });
        Assert.Equal(30 - failures.Count, alive.Requests);
    }

    [Theory]
    [InlineData("reset", "memory")]
    [InlineData("reset", "json")]
    [InlineData("within", "memory")]
    [InlineData("within", "json")]
    public async Task Post_that_may_have_been_processed_fails(string how, string body)
    {
        using var refusing = how == "reset" ? RawHttp2Server.Resetting(Cancel) : RawHttp2Server.Leaving(included: true);
        await using var alive = await TestServer.StartAsync(_ => Task.CompletedTask, listen => listen.Protocols = HttpProtocols.Http2);
        await using var application = Application(refusing.Url, alive.Url);
        var failed = 0;

        for (var i = 0; i < 4; i++)
        {
            using var request = Post(body);
            failed += await Record.ExceptionAsync(
                async () => (await application.Client().SendAsync(request, Token).Soon()).Dispose()) is null
                ? 0
                : 1;
        }

        // What has arrived there is sent to nobody else. A request that finds only the connection that is closing has not arrived.
        Assert.InRange(failed, 1, 2);
        Assert.Equal(failed, refusing.Requests);
        Assert.Equal(4 - failed, alive.Requests);
    }

    /// <summary>A good-bye with the code of a refused stream is no refusal of the streams that it includes.</summary>
    [Theory]
    [InlineData("memory", 1)]
    [InlineData("json", 1)]
    [InlineData("none", 1)]
    [InlineData("memory", 2)]
    public async Task Post_that_was_taken_whole_before_a_goodbye_with_the_code_of_a_refusal_arrives_once(string body, int endpoints)
    {
        using var leaving = RawHttp2Server.LeavingAfterAll(RefusedStream);
        using var second = RawHttp2Server.LeavingAfterAll(RefusedStream);
        await using var application = Application(new[] { leaving.Url, second.Url }[..endpoints]);

        using var request = Post(body);
        await Assert.ThrowsAsync<HttpRequestException>(() => application.Client().SendAsync(request, Token).Soon());

        Assert.Equal(1, leaving.Taken + second.Taken);
    }

    [Fact]
    public async Task Post_that_was_taken_whole_and_then_refused_goes_elsewhere()
    {
        using var refusing = RawHttp2Server.ResettingAfterAll(RefusedStream);
        await using var alive = await TestServer.StartAsync(_ => Task.CompletedTask, listen => listen.Protocols = HttpProtocols.Http2);
        await using var application = Application(refusing.Url, alive.Url);

        for (var i = 0; i < 2; i++)
        {
            using var request = Post("memory");
            using var response = await application.Client().SendAsync(request, Token).Soon();
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.True(refusing.Taken > 0);
        Assert.Equal(2, alive.Requests);
    }

    private static MeshApplication Application(params string[] endpoints) => new(Two(endpoints));

    private static MeshApplication ApplicationOver(string handler, params string[] endpoints) => new(
        Two(endpoints),
        services =>
        {
            if (handler != "mesh")
            {
                services.AddHttpClient(string.Empty).ConfigurePrimaryHttpMessageHandler(() => handler == "wrapped"
                    ? new PassingHandler { InnerHandler = new SocketsHttpHandler() }
                    : new SocketsHttpHandler { AllowAutoRedirect = handler == "bare" });
            }
        });

    private static Settings Two(string[] endpoints) =>
        Settings.Service("two", endpoints).With("Services:two:LoadBalancing:Policy", "RoundRobin");

    private static HttpRequestMessage Post(string body) => new(HttpMethod.Post, "http://two/")
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Content = body switch
        {
            "none" => null,
            "memory" => new StringContent("x"),
            "bytes" => new ByteArrayContent(new byte[60_000]),
            "once" => new StreamContent(PipeReader.Create(new ReadOnlySequence<byte>(new byte[2000])).AsStream()),
            _ => System.Net.Http.Json.JsonContent.Create(new { Id = 1 }),
        },
    };

    private sealed class PassingHandler : DelegatingHandler;
}
