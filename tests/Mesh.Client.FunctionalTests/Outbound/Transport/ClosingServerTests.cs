using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.Options;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.FunctionalTests.Outbound.Transport;

/// <summary>HTTP/2 servers that close their connections as they go: what meets a closing connection was not processed, and is nobody's
/// failure.</summary>
public sealed class ClosingServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The runtime itself gives up after four.</summary>
    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task Call_that_was_turned_away_is_sent_again_and_blames_nobody(string method)
    {
        using var server = RawHttp2Server.LeavingAtFirst(10);
        await using var application = new MeshApplication(Settings.Service("shop", server.Url));
        using var request = new HttpRequestMessage(new HttpMethod(method), "http://shop/")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        using var response = await application.Client().SendAsync(request, Token).Soon();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(11, server.Requests);
        var service = application.State("shop");
        Assert.False(service.Endpoints.Current.All[0].Health.HasFailures);
        Assert.Equal(0, service.Subsets[0].Budget.FailureShare);
        Assert.Equal(0, service.Endpoints.Current.All[0].Load.InFlight);
    }

    [Fact]
    public async Task Calls_to_a_server_that_serves_one_on_each_connection_open_no_breaker()
    {
        using var server = RawHttp2Server.LeavingAtFirst(0);
        await using var application = new MeshApplication(Settings.Service("shop", server.Url));
        var failures = 0;
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 300), new ParallelOptions { MaxDegreeOfParallelism = 10, CancellationToken = Token }, async (_, token) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "http://shop/")
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            try
            {
                using var response = await application.Client().SendAsync(request, token);
            }
            catch (HttpRequestException)
            {
                Interlocked.Increment(ref failures);
            }
        });

        // A few stay unlucky; of a plain client's two thirds fail.
        Assert.True(application.State("shop").Subsets[0].Breaker.IsClosed);
        Assert.InRange(failures, 0, 100);
    }

    /// <summary>The runtime says by its text alone that there was no connection, or no stream.</summary>
    [Theory]
    [InlineData("nothing")]
    [InlineData("goodbye")]
    [InlineData("settings and goodbye")]
    [InlineData("no streams")]
    public async Task Connection_that_dies_before_its_first_request_costs_no_call(string how)
    {
        using var dying = RawHttp2Server.Dying(how);
        await using var good = await TestServer.StartAsync(
            context => context.Response.WriteAsync("ok"), listen => listen.Protocols = HttpProtocols.Http2);
        await using var application = new MeshApplication(
            Settings.Service("shop", dying.Url, good.Url).With("Defaults:LoadBalancing:Policy", LoadBalancingPolicies.RoundRobin));

        await Parallel.ForEachAsync(
            Enumerable.Range(0, 60), new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = Token }, async (_, token) =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "http://shop/")
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using var response = await application.Client().SendAsync(request, token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        });

        Assert.True(application.State("shop").Endpoints.Current.All.Single(
            endpoint => dying.Url.EndsWith(endpoint.Name, StringComparison.Ordinal)).Health.HasFailures);
    }
}
