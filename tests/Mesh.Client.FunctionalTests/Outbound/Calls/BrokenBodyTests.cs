using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Outbound.Calls;

/// <summary>One of three endpoints sends good heads, and bodies that break: it is left out as one that answers 500.</summary>
public sealed class BrokenBodyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, int?, string> Kinds { get; } = new(
        from end in new[] { "fin", "rst", "silence" }
        from length in new int?[] { 100, 20_000, null }
        from policy in new[] { "Adaptive", "RoundRobin" }
        select (end, length, policy));

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Endpoint_whose_bodies_break_is_left_out(string end, int? length, string policy)
    {
        using var bad = new BreakingServer(end, length);
        await using var one = await TestServer.StartAsync("hello");
        await using var two = await TestServer.StartAsync("hello");
        await using var application = new MeshApplication(Settings.Service("shop", bad.Url, one.Url, two.Url)
            .With("Services:shop:BodyIdleTimeout", TimeSpan.FromMilliseconds(300))
            .With("Services:shop:LoadBalancing:Policy", policy)
            .With("Services:shop:OutlierDetection:BaseEjectionTime", TimeSpan.FromSeconds(20)));

        var failed = await CountFailuresAsync(application.Client(), 60);

        // With its head the small body is repeated elsewhere; others are the caller's to repeat.
        Assert.InRange(failed, 0, length == 100 ? 0 : 6);
        if (policy == "RoundRobin")
        {
            Assert.Equal(1, application.Count(1200));
        }

        Assert.Equal(0, application.State("shop").Endpoints.Current.All.Sum(endpoint => endpoint.Load.InFlight));
    }

    /// <summary>All answer 404, as a service does that is asked for what may not be there: the head says nothing against any of
    /// them.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Endpoint_whose_bodies_of_404_break_is_left_out(string end, int? length, string policy)
    {
        using var bad = new BreakingServer(end, length, 404);
        await using var one = await TestServer.StartAsync(NotFound);
        await using var two = await TestServer.StartAsync(NotFound);
        await using var application = new MeshApplication(Settings.Service("shop", bad.Url, one.Url, two.Url)
            .With("Services:shop:BodyIdleTimeout", TimeSpan.FromMilliseconds(300))
            .With("Services:shop:LoadBalancing:Policy", policy)
            .With("Services:shop:OutlierDetection:BaseEjectionTime", TimeSpan.FromSeconds(20)));
        var client = application.Client();

        // A status is an answer: the body is the caller's to repeat, whatever its size.
        var failed = await CountFailuresAsync(() => client.GetAsync(new Uri("http://shop/"), Token), 60);

        Assert.InRange(failed, 0, 6);
        Assert.InRange(bad.Answered, failed, 6);
        if (policy == "RoundRobin")
        {
            Assert.Equal(1, application.Count(1200));
        }

        Assert.Equal(0, application.State("shop").Endpoints.Current.All.Sum(endpoint => endpoint.Load.InFlight));

        static Task NotFound(HttpContext context)
        {
            context.Response.StatusCode = 404;
            return context.Response.WriteAsync("There is none.", Token);
        }
    }

    [Fact]
    public async Task Stream_that_is_reset_over_HTTP2_is_a_failure()
    {
        await using var bad = await TestServer.StartAsync(
            async context =>
            {
                await context.Response.WriteAsync("0123456789", Token);
                await context.Response.Body.FlushAsync(Token);
                context.Abort();
            },
            listen => listen.Protocols = HttpProtocols.Http2);
        await using var good = await TestServer.StartAsync(
            context => context.Response.WriteAsync("hello"), listen => listen.Protocols = HttpProtocols.Http2);
        await using var application = new MeshApplication(Settings.Service("shop", bad.Url, good.Url)
            .With("Services:shop:LoadBalancing:Policy", "RoundRobin")
            .With("Services:shop:OutlierDetection:BaseEjectionTime", TimeSpan.FromSeconds(20)));
        var client = application.Client();
        client.DefaultRequestVersion = HttpVersion.Version20;
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;

        Assert.InRange(await CountFailuresAsync(client, 20), 1, 6);
        Assert.Equal(1, application.Count(1200));
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Small_bodies_leave_their_connection_usable(HttpProtocols protocols)
    {
        await using var server = await TestServer.StartAsync(
            async context =>
            {
                context.Response.ContentLength = 5;
                await context.Response.Body.FlushAsync(Token);
                await context.Response.WriteAsync("hello", Token);
            },
            listen => listen.Protocols = protocols);
        await using var application = new MeshApplication(Settings.Service("shop", server.Url));
        var client = application.Client();
        client.DefaultRequestVersion = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11;
        client.DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("hello", await client.GetStringAsync(new Uri("http://shop/"), Token));
        }

        Assert.Equal(1, server.Connections);
    }

    private static Task<int> CountFailuresAsync(HttpClient client, int calls) =>
        CountFailuresAsync(() => client.GetStringAsync(new Uri("http://shop/"), Token), calls);

    private static async Task<int> CountFailuresAsync<T>(Func<Task<T>> call, int calls)
    {
        var failed = 0;
        for (var i = 0; i < calls; i++)
        {
            try
            {
                using var response = await call().Soon() as IDisposable;
            }
            catch (HttpRequestException)
            {
                failed++;
            }
        }

        return failed;
    }
}
