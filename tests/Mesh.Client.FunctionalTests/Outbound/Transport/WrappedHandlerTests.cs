using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.Options;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Outbound.Transport;

/// <summary>A primary handler of the user that sends requests of its own: what becomes of those says nothing about the endpoint, nor about
/// whether the request itself was sent.</summary>
public sealed class WrappedHandlerTests
{
    /// <summary>Nobody listens there.</summary>
    private const string Dead = "http://127.0.0.1:1/audit";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("POST", "text", Dead)]
    [InlineData("POST", "form", Dead)]
    [InlineData("POST", "none", Dead)]
    [InlineData("POST", "stream", Dead)]
    [InlineData("PATCH", "text", Dead)]
    [InlineData("POST", "text", "http://no-such-host.invalid/audit")]
    [InlineData("POST", "none", "http://no-such-host.invalid/audit")]
    [InlineData("POST", "text", "https://127.0.0.1:1/audit")]
    [InlineData("POST", "text", "closed")]
    [InlineData("POST", "none", "closed")]
    public async Task Request_that_was_answered_before_the_handler_failed_is_sent_once(string method, string body, string audit)
    {
        await using var first = await TestServer.StartAsync("paid");
        await using var second = await TestServer.StartAsync("paid");
        await using var application = new MeshApplication(
            Settings.Service("shop", first.Url, second.Url),
            services => services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() => new AfterwardsHandler(audit)));
        for (var i = 1; i <= 6; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), "http://shop/pay") { Content = Content(body) };
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => application.Client("user").SendAsync(request, Token).Soon());
            Assert.Equal(i, first.Requests + second.Requests);
        }

        if (audit != "closed")
        {
            Assert.All(application.State("shop").Endpoints.Current.All, static endpoint => Assert.False(endpoint.Health.HasFailures));
        }
    }

    /// <summary>What was not sent goes elsewhere as ever, whatever its body.</summary>
    [Theory]
    [InlineData("text")]
    [InlineData("form")]
    [InlineData("none")]
    [InlineData("stream")]
    public async Task Request_whose_endpoint_is_dead_goes_elsewhere(string body)
    {
        var dead = await TestServer.StartAsync("dead");
        await dead.DisposeAsync();
        await using var alive = await TestServer.StartAsync(static async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync(await reader.ReadToEndAsync(context.RequestAborted));
        });
        await using var application = new MeshApplication(
            Settings.Service("shop", dead.Url, alive.Url).With("Services:shop:LoadBalancing:Policy", LoadBalancingPolicies.RoundRobin),
            services => services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() => new AfterwardsHandler(null)));
        for (var i = 0; i < 4; i++)
        {
            using var content = Content(body);
            using var response = await application.Client("user").PostAsync("http://shop/pay", content, Token).Soon();
            Assert.Equal(body switch { "none" => string.Empty, "form" => "a=b", _ => "5" }, await response.Content.ReadAsStringAsync(Token));
        }
    }

    /// <summary>A client that cannot get its token, or does not reach its proxy, must not cut off another one that works.</summary>
    [Theory]
    [InlineData("token")]
    [InlineData("proxy")]
    public async Task Client_that_fails_by_itself_does_not_disturb_another(string mistake)
    {
        await using var first = await TestServer.StartAsync("hello");
        await using var second = await TestServer.StartAsync("hello");
        await using var application = new MeshApplication(
            Settings.Service("shop", first.Url, second.Url),
            services => services.AddHttpClient("wrong").ConfigurePrimaryHttpMessageHandler(() => mistake == "token"
                ? new BeforehandHandler(Dead)
                : new SocketsHttpHandler { Proxy = new WebProxy("127.0.0.1", 1) }));
        for (var i = 0; i < 40; i++)
        {
            var failure = await Assert.ThrowsAsync<HttpRequestException>(() => application.Client("wrong").GetAsync("http://shop/", Token));
            Assert.Contains("127.0.0.1:1", failure.Message, StringComparison.Ordinal);
            Assert.Equal("hello", await application.Client().GetStringAsync("http://shop/", Token).Soon());
        }

        Assert.All(application.State("shop").Endpoints.Current.All, static endpoint => Assert.False(endpoint.Health.HasFailures));
        Assert.Equal(40, first.Requests + second.Requests);
    }

    private static HttpContent? Content(string body) => body switch
    {
        "text" => new StringContent("5"),
        "form" => new FormUrlEncodedContent([new("a", "b")]),
        "stream" => new StreamContent(new MemoryStream("5"u8.ToArray())),
        _ => null,
    };

    /// <summary>Reports what it has sent to another server.</summary>
    private sealed class AfterwardsHandler(string? audit) : DelegatingHandler(new SocketsHttpHandler())
    {
        private readonly HttpMessageInvoker _audit = new(new SocketsHttpHandler());

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (audit == "closed")
            {
                throw new HttpRequestException(HttpRequestError.ConnectionError, "No connection to the server of the audit.");
            }

            if (audit is not null)
            {
                using var entry = new HttpRequestMessage(HttpMethod.Get, audit);
                (await _audit.SendAsync(entry, cancellationToken)).Dispose();
            }

            return response;
        }

        protected override void Dispose(bool disposing)
        {
            _audit.Dispose();
            base.Dispose(disposing);
        }
    }

    /// <summary>Asks another server for a token first.</summary>
    private sealed class BeforehandHandler(string tokens) : DelegatingHandler(new SocketsHttpHandler())
    {
        private readonly HttpMessageInvoker _tokens = new(new SocketsHttpHandler());

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            using var asking = new HttpRequestMessage(HttpMethod.Get, tokens);
            (await _tokens.SendAsync(asking, cancellationToken)).Dispose();
            return await base.SendAsync(request, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            _tokens.Dispose();
            base.Dispose(disposing);
        }
    }
}
