using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Outbound.Transport;

/// <summary>A connection over which nothing comes any more, although it is open, is left: also where many requests share it.</summary>
public sealed class SilentConnectionTests
{
    private const int Replaced = 1205;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task One_call_fails_and_the_next_uses_a_new_connection(int version)
    {
        await using var server = await StartAsync(version);
        await using var proxy = new SilencingProxy(server.Address.Port);
        await using var application = new MeshApplication(
            Settings.Service("shop", proxy.Url).With("Services:shop:Timeout", TimeSpan.FromSeconds(5)));
        Assert.Equal("hello", await SendAsync(application, version));
        proxy.Silence();

        await Assert.ThrowsAsync<TaskCanceledException>(() => SendAsync(application, version));
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal("hello", await SendAsync(application, version));
        }

        Assert.Equal(2, proxy.Accepted);
        Assert.Equal(version == 2 ? 1 : 0, application.Count(Replaced));
        Assert.Equal(0, application.State("shop").Endpoints.Current.All[0].Load.InFlight);
    }

    [Fact]
    public async Task Repeated_attempt_finds_a_new_connection_at_the_only_endpoint()
    {
        await using var server = await StartAsync(2);
        await using var proxy = new SilencingProxy(server.Address.Port);
        await using var application = new MeshApplication(
            Settings.Service("shop", proxy.Url).With("Services:shop:AttemptTimeout", TimeSpan.FromSeconds(3)));
        Assert.Equal("hello", await SendAsync(application, 2));

        for (var round = 0; round < 2; round++)
        {
            proxy.Silence();
            Assert.Equal("hello", await SendAsync(application, 2));
        }
    }

    [Fact]
    public async Task Caller_that_gives_up_after_a_while_is_heard_too()
    {
        await using var server = await StartAsync(2);
        await using var proxy = new SilencingProxy(server.Address.Port);
        await using var application = new MeshApplication(
            Settings.Service("shop", proxy.Url).With("Services:shop:Timeout", TimeSpan.FromMinutes(1)));
        Assert.Equal("hello", await SendAsync(application, 2));
        proxy.Silence();

        using (var source = new CancellationTokenSource(TimeSpan.FromSeconds(1.5)))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SendUntilAsync(application, 2, "/", source.Token));
        }

        Assert.Equal("hello", await SendAsync(application, 2).Soon());
    }

    [Fact]
    public async Task Ejected_endpoint_is_tried_over_a_new_connection_and_comes_back()
    {
        await using var server = await StartAsync(2);
        await using var other = await StartAsync(2);
        await using var proxy = new SilencingProxy(server.Address.Port);
        await using var application = new MeshApplication(Settings.Service("shop", proxy.Url, other.Url)
            .With("Services:shop:AttemptTimeout", TimeSpan.FromSeconds(2))
            .With("Services:shop:LoadBalancing:Policy", "RoundRobin")
            .With("Services:shop:OutlierDetection:ConsecutiveFailures", "1"));
        await SendAsync(application, 2);
        await SendAsync(application, 2);
        proxy.Silence();
        await Patience.UntilAsync(
            async () =>
            {
                Assert.Equal("hello", await SendAsync(application, 2));
                return application.Count(1200) > 0;
            },
            "the endpoint is ejected");

        await Patience.UntilAsync(
            async () =>
            {
                Assert.Equal("hello", await SendAsync(application, 2));
                return application.Count(1201) > 0;
            },
            "the endpoint is back");
        Assert.Equal(1, application.Count(1200));
        Assert.Equal(2, proxy.Accepted);
    }

    [Fact]
    public async Task Stream_under_way_goes_on_and_its_connection_closes_when_it_has_ended()
    {
        await using var server = await StartAsync(2);
        await using var application = new MeshApplication(Settings.Service("shop", server.Url)
            .With("Services:shop:Timeout", TimeSpan.FromSeconds(5))
            .With("Services:shop:BodyIdleTimeout", Patience.Limit));
        using var stream = await application.Client().SendAsync(
            Request("http://shop/stream", 2), HttpCompletionOption.ResponseHeadersRead, Token);
        await using var body = await stream.Content.ReadAsStreamAsync(Token);
        Assert.Equal(1, await body.ReadAsync(new byte[1], Token));

        await Assert.ThrowsAsync<TaskCanceledException>(() => SendAsync(application, 2, "/never"));
        Assert.Equal("hello", await SendAsync(application, 2));
        Assert.Equal(2, server.Connections);

        // Longer than the old connections are kept for requests that are about to be sent.
        await Patience.PassAsync(TimeSpan.FromSeconds(6), Token);
        Assert.Equal(2, server.Connections);
        Assert.Equal("hello", await SendAsync(application, 2, "/finish"));
        using var rest = new StreamReader(body);
        Assert.Equal("bc", await rest.ReadToEndAsync(Token));
        await Patience.UntilAsync(() => server.Connections == 1, "the old connection is closed");
        Assert.Equal("hello", await SendAsync(application, 2));
        Assert.Equal(1, application.Count(Replaced));
    }

    [Fact]
    public async Task Slow_request_among_others_that_are_answered_costs_no_connection()
    {
        await using var server = await StartAsync(2);
        await using var application = new MeshApplication(
            Settings.Service("shop", server.Url).With("Services:shop:Timeout", TimeSpan.FromSeconds(5)));
        Assert.Equal("hello", await SendAsync(application, 2));

        var slow = SendAsync(application, 2, "/never");
        while (!slow.IsCompleted)
        {
            Assert.Equal("hello", await SendAsync(application, 2));
        }

        await Assert.ThrowsAsync<TaskCanceledException>(() => slow);
        Assert.Equal("hello", await SendAsync(application, 2));
        Assert.Equal(1, server.Connections);
        Assert.Equal(0, application.Count(Replaced));
    }

    private static Task<TestServer> StartAsync(int version)
    {
        var finish = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return TestServer.StartAsync(
            async context =>
            {
                switch (context.Request.Path.Value)
                {
                    case "/never":
                        await new TaskCompletionSource().Task.WaitAsync(context.RequestAborted);
                        break;
                    case "/stream":
                        await context.Response.WriteAsync("a", context.RequestAborted);
                        await context.Response.Body.FlushAsync(context.RequestAborted);
                        await finish.Task.WaitAsync(context.RequestAborted);
                        await context.Response.WriteAsync("bc", context.RequestAborted);
                        return;
                    case "/finish":
                        finish.TrySetResult();
                        break;
                }

                await context.Response.WriteAsync("hello", context.RequestAborted);
            },
            listen => listen.Protocols = version == 2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
    }

    private static HttpRequestMessage Request(string uri, int version) => new(HttpMethod.Get, uri)
    {
        Version = version == 2 ? HttpVersion.Version20 : HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static Task<string> SendAsync(MeshApplication application, int version, string path = "/") =>
        SendUntilAsync(application, version, path, Token);

    private static async Task<string> SendUntilAsync(
        MeshApplication application, int version, string path, CancellationToken cancellationToken)
    {
        using var request = Request("http://shop" + path, version);
        using var response = await application.Client().SendAsync(request, cancellationToken);
        return await response.Content.ReadAsStringAsync(cancellationToken);
    }
}
