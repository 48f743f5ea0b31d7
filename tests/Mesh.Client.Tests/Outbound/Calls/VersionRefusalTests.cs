using System.Net;
using System.Net.Http.Headers;
using Mesh.Client.Options;
using Polly.CircuitBreaker;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>An endpoint that does not speak the version of HTTP that the caller demands: nothing was sent, so that the call goes elsewhere.
/// Where all are alike, it is the caller's mistake.</summary>
public sealed class VersionRefusalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", LoadBalancingPolicies.RoundRobin)]
    [InlineData("POST", LoadBalancingPolicies.RoundRobin)]
    [InlineData("GET", LoadBalancingPolicies.Adaptive)]
    [InlineData("POST", LoadBalancingPolicies.Adaptive)]
    public async Task Send_one_of_three_without_the_version_no_call_fails_and_it_gets_few(string method, string policy)
    {
        using var mesh = Fleet.Of(3, s => s.LoadBalancing.Policy = policy);
        mesh.Network.On(Fleet.At(1), Answers.Throw(WithoutVersion));

        for (var i = 0; i < 100; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), Fleet.Url);
            using var response = await mesh.Client.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.InRange(mesh.Network.CountOf(Fleet.At(1)), 1, 10);
        Assert.Equal(0, mesh.Catalog().Budget.FailureShare);
        Assert.Equal(0, mesh.InFlight());
    }

    [Fact]
    public async Task Send_body_that_can_be_read_once_goes_elsewhere_whole()
    {
        using var mesh = Fleet.Of(2);
        var bodies = new List<string>();
        var first = true;
        mesh.All(async (request, token) =>
        {
            if (first)
            {
                first = false;
                throw WithoutVersion();
            }

            bodies.Add(await request.Content!.ReadAsStringAsync(token));
            return new HttpResponseMessage(HttpStatusCode.OK);
        });

        using var response = await mesh.Client.PostAsync(Fleet.Url, new StreamContent(new ForwardOnlyStream("hello"u8.ToArray())), Token);

        Assert.Equal("hello", Assert.Single(bodies));
    }

    [Fact]
    public async Task Send_whose_body_had_begun_is_sent_once()
    {
        using var mesh = Fleet.Of(2);
        mesh.All(async (request, token) =>
        {
            await request.Content!.CopyToAsync(Stream.Null, token);
            throw WithoutVersion();
        });

        await Assert.ThrowsAsync<HttpRequestException>(
            () => mesh.Client.PostAsync(Fleet.Url, new Writing(stream => stream.WriteAsync(new byte[1], 0, 1)), Token));

        Assert.Single(mesh.Network.Received);
    }

    /// <summary>What was never sent costs the service nothing.</summary>
    [Fact]
    public async Task Send_goes_elsewhere_also_where_the_budget_is_spent()
    {
        using var mesh = Fleet.Of(2, s => s.Retry.BudgetRatio = 0);
        mesh.Network.On(Fleet.At(1), Answers.Throw(WithoutVersion));
        while (mesh.Catalog().Budget.TryWithdraw())
        {
        }

        for (var i = 0; i < 4; i++)
        {
            using var response = await mesh.Client.PostAsync(Fleet.Url, null, Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.True(mesh.Network.CountOf(Fleet.At(1)) > 0);
    }

    [Fact]
    public async Task Send_to_the_only_endpoint_is_sent_once_and_throws_what_it_was()
    {
        using var mesh = Fleet.Of(1);
        var thrown = WithoutVersion();
        mesh.All(Answers.Throw(() => thrown));

        Assert.Same(thrown, await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.PostAsync(Fleet.Url, null, Token)));

        Assert.Single(mesh.Network.Received);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Send_all_without_the_version_is_the_callers_mistake_and_harms_no_other(bool grpc)
    {
        using var mesh = Fleet.Of(3);
        mesh.All(Answers.Throw(WithoutVersion));

        for (var i = 0; i < 50; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Fleet.Url) { Version = HttpVersion.Version20 };
            request.Content = new ByteArrayContent(new byte[5])
            {
                Headers = { ContentType = new MediaTypeHeaderValue(grpc ? "application/grpc" : "text/plain") },
            };
            var exception = await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Advance(mesh.Client.SendAsync(request, Token)));
            Assert.Equal(HttpRequestError.VersionNegotiationError, exception.HttpRequestError);
        }

        Assert.Equal(150, mesh.Network.Received.Count);
        Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);
        Assert.Equal(0, mesh.Catalog().Budget.FailureShare);
        Assert.Equal(CircuitState.Closed, mesh.Catalog().Breaker.State);
        mesh.All(Answers.Status(HttpStatusCode.OK));
        using var other = await mesh.Client.GetAsync(Fleet.Url, Token);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    /// <summary>Nothing was asked, so that nothing is known of how long an answer takes.</summary>
    [Fact]
    public async Task Send_all_without_the_version_teaches_no_attempt_timeout()
    {
        using var mesh = Fleet.Of(3, s => s.Retry.MaxRetries = 0);
        mesh.All(Answers.Throw(WithoutVersion));

        for (var i = 0; i < 300; i++)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Client.GetAsync(Fleet.Url, Token));
        }

        using var fresh = Fleet.Of(3);
        Assert.Equal(fresh.Catalog().LearnedTimeout.Value, mesh.Catalog().LearnedTimeout.Value);
    }

    /// <summary>What .NET 10 throws where ALPN did not bring HTTP/2.</summary>
    private static HttpRequestException WithoutVersion() => new(
        HttpRequestError.VersionNegotiationError,
        "Requesting HTTP version 2.0 with version policy RequestVersionExact while unable to establish HTTP/2 connection.");
}
