using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Outbound.Transport;

/// <summary>HTTP/2 without TLS, and the synchronous way.</summary>
public sealed class Http2Tests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cleartext_http2_is_spoken_as_asked_for_and_one_connection_is_enough()
    {
        await using var server = await StartAsync();
        using var dead = new DeadEndpoint();
        await using var application = new MeshApplication(Settings.Service("two", dead.Url, server.Url));
        var client = application.Client();

        // One after the other until the dead endpoint is known: a crowd of first calls is more
        // than the retry budget of a new process allows.
        for (var i = 0; i < 20; i++)
        {
            using var response = await client.SendAsync(Request(), Token);
        }

        await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            using var request = Request();
            using var response = await client.SendAsync(request, Token);
            Assert.Equal(HttpVersion.Version20, response.Version);
            Assert.Equal("HTTP/2", await response.Content.ReadAsStringAsync(Token));
        }));

        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public async Task Synchronous_send_works_and_is_repeated()
    {
        await using var server = await TestServer.StartAsync("sync");
        using var dead = new DeadEndpoint();
        await using var application = new MeshApplication(Settings.Service("one", dead.Url, server.Url));
        var client = application.Client();

        await Task.Run(
            () =>
            {
                for (var i = 0; i < 20; i++)
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, "http://one/");
                    using var response = client.Send(request, Token);
                    using var reader = new StreamReader(response.Content.ReadAsStream(Token));
                    Assert.Equal("sync", reader.ReadToEnd());
                }
            },
            Token).Soon();
    }

    [Fact]
    public async Task Synchronous_send_over_http2_gives_the_runtimes_clear_error()
    {
        await using var server = await StartAsync();
        await using var application = new MeshApplication(Settings.Service("two", server.Url));
        using var request = Request();

        var exception = Assert.Throws<NotSupportedException>(() => application.Client().Send(request, Token));

        Assert.Contains("HTTP/2", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, application.State("two").Subsets[0].Budget.FailureShare);
    }

    private static HttpRequestMessage Request() =>
        new(HttpMethod.Get, "http://two/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private static Task<TestServer> StartAsync() =>
        TestServer.StartAsync(
            context => context.Response.WriteAsync(context.Request.Protocol), listen => listen.Protocols = HttpProtocols.Http2);
}
