using System.Net;
using System.Net.Sockets;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Outbound.Transport;

/// <summary>Over HTTP/2 many requests wait for one connection: when it fails, they all leave, instead of waiting for one each.</summary>
public sealed class WaitingRequestsTests
{
    private const int Calls = 40;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Twenty calls wait at each endpoint. One after the other would take twenty times ConnectTimeout.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Burst_of_first_calls_leaves_an_endpoint_that_cannot_be_connected(bool secure)
    {
        await using var server = await StartAsync();
        using var hung = new TcpListener(IPAddress.Loopback, 0);
        hung.Start();
        await using var lost = await SilentListener.StartAsync("127.0.0.2", server.Address.Port);
        await using var application = new MeshApplication(
            Settings.Service("vault", secure ? $"https://{hung.LocalEndpoint}" : $"http://127.0.0.2:{server.Address.Port}", server.Url)
                .With("Services:vault:LoadBalancing:Policy", "RoundRobin")
                .With("Services:vault:Timeout", "00:00:50"));

        await BurstAsync(application);

        Assert.Equal(Calls, server.Requests);
    }

    [Fact]
    public async Task Burst_of_calls_leaves_an_endpoint_that_was_connected_before()
    {
        await using var server = await StartAsync();
        var other = await StartAsync();
        await using var application = new MeshApplication(
            Settings.Service("vault", server.Url, other.Url)
                .With("Services:vault:LoadBalancing:Policy", "RoundRobin")
                .With("Services:vault:Timeout", "00:00:50"));
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal("got ", await AnswerAsync(application, null));
        }

        Assert.Equal(1, other.Requests);
        await other.DisposeAsync();
        await using var lost = await SilentListener.StartAsync("127.0.0.1", other.Address.Port);
        await BurstAsync(application);

        Assert.Equal(1 + Calls, server.Requests);
    }

    [Fact]
    public async Task All_that_wait_for_the_only_endpoint_fail_with_its_connection_and_the_next_has_a_new_one()
    {
        using var hung = new TcpListener(IPAddress.Loopback, 0);
        hung.Start();
        await using var application = new MeshApplication(Settings.Service("vault", $"https://{hung.LocalEndpoint}")
            .With("Services:vault:Retry:MaxRetries", "0")
            .With("Services:vault:Timeout", "00:00:50"));

        var calls = Enumerable.Range(0, 4).Select(_ => AnswerAsync(application, "x")).ToArray();
        foreach (var call in calls)
        {
            var exception = await Assert.ThrowsAsync<TaskCanceledException>(() => call);
            Assert.StartsWith(
                $"Endpoint {hung.LocalEndpoint} of service 'vault' cannot be reached: there was no connection within 1 s (ConnectTimeout).",
                exception.Message,
                StringComparison.Ordinal);
        }

        Assert.Equal(1, Accepted(hung));
        await Assert.ThrowsAsync<TaskCanceledException>(() => AnswerAsync(application, "x"));
        Assert.Equal(1, Accepted(hung));
    }

    /// <returns>How many connections have come since it was asked last.</returns>
    private static int Accepted(TcpListener listener)
    {
        var count = 0;
        for (; listener.Pending(); count++)
        {
            listener.AcceptSocket().Dispose();
        }

        return count;
    }

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(
        async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync("got " + await reader.ReadToEndAsync(context.RequestAborted));
        },
        listen => listen.Protocols = HttpProtocols.Http2);

    private static async Task BurstAsync(MeshApplication application)
    {
        var calls = Enumerable.Range(0, Calls).Select(i => AnswerAsync(application, i % 4 < 2 ? $"post {i}" : null)).ToArray();
        var answers = await Task.WhenAll(calls).WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Token);

        Assert.Equal(Enumerable.Range(0, Calls).Select(i => i % 4 < 2 ? $"got post {i}" : "got "), answers);
    }

    private static async Task<string> AnswerAsync(MeshApplication application, string? body)
    {
        using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, "http://vault/")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body is null ? null : new StringContent(body),
        };
        using var response = await application.Client().SendAsync(request, Token);
        return await response.Content.ReadAsStringAsync(Token);
    }
}
