using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Outbound.Transport;

/// <summary>What a server of HTTP/2 says it has not processed goes elsewhere; what it may have processed does not. Holds the runtime to how
/// it tells them apart.</summary>
public sealed class UnprocessedTests
{
    private const int RefusedStream = 7;
    private const int Cancel = 8;

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
        Assert.All(application.State("two").Endpoints.All, e => Assert.Equal(0, e.Load.InFlight));
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

    private static MeshApplication Application(params string[] endpoints) =>
        new(Settings.Service("two", endpoints).With("Services:two:LoadBalancing:Policy", "RoundRobin"));

    private static HttpRequestMessage Post(string body) => new(HttpMethod.Post, "http://two/")
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Content = body switch
        {
            "none" => null,
            "memory" => new StringContent("x"),
            _ => System.Net.Http.Json.JsonContent.Create(new { Id = 1 }),
        },
    };
}
