using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using Grpc.Core;
using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.FunctionalTests.UserCode;
using Mesh.Client.Options;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Outbound.Transport;

/// <summary>A server of TLS without ALPN, as behind an old load balancer, among others with HTTP/2: callers that demand HTTP/2 notice
/// nothing. Holds the runtime to how it says that nothing was sent.</summary>
public sealed class VersionRefusalTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", LoadBalancingPolicies.Adaptive)]
    [InlineData("POST", LoadBalancingPolicies.Adaptive)]
    [InlineData("GET", LoadBalancingPolicies.RoundRobin)]
    [InlineData("POST", LoadBalancingPolicies.RoundRobin)]
    public async Task Calls_that_demand_http2_go_to_those_that_speak_it(string method, string policy)
    {
        var bodies = new ConcurrentQueue<string>();
        await using var old = await StartAsync(bodies, alpn: false);
        await using var first = await StartAsync(bodies, alpn: true);
        await using var second = await StartAsync(bodies, alpn: true);
        await using var application = new MeshApplication(
            Settings.Service("vault", old.Url, first.Url, second.Url).With("Services:vault:LoadBalancing:Policy", policy), WithTrust);
        var sent = new List<string>();

        // Adaptive takes an endpoint without an answer to be as fast as the mean: after a slow first call that is too slow for a while.
        var lagging = application.State("vault").Endpoints.Current.All.Single(e => e.Name == old.Name);
        for (var i = 0; i < 30 || (lagging.Health.LastFailure is null && i < 10_000); i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), "https://vault/")
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = method == "POST" ? new StringContent($"order {i}") : null,
            };
            sent.Add(method == "POST" ? $"order {i}" : string.Empty);
            using var response = await application.Client("user").SendAsync(request, Token).Soon();
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(sent.Order(), bodies.Order());
        Assert.Equal(0, old.Requests);
        Assert.Contains("local_error", lagging.Health.LastFailure, StringComparison.Ordinal);
        Assert.Equal(0, application.State("vault").Subsets[0].Budget.FailureShare);
    }

    [Fact]
    public async Task Calls_of_gRPC_go_to_those_that_speak_http2()
    {
        await using var old = await StartAsync([], alpn: false);
        await using var greeters = await TestServer.StartAsync(
            answer: null,
            listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseHttps(Certificates.ForServer("127.0.0.1"));
            },
            services => services.AddGrpc(),
            server => server.MapGrpcService<GreeterService>());
        await using var application = new MeshApplication(Settings.Service("vault", old.Url, greeters.Url), WithTrust);
        var greeter = application.Services.GetRequiredService<Greeter.GreeterClient>();

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("Hello Ada", (await greeter.GreetAsync(new GreetRequest { Name = "Ada" }, cancellationToken: Token)).Text);
        }

        Assert.Equal(20, greeters.Requests);
        Assert.NotNull(application.State("vault").Endpoints.Current.All.Single(e => e.Name == old.Name).Health.LastFailure);
    }

    [Fact]
    public async Task Calls_that_demand_http2_fail_as_ever_where_no_one_speaks_it()
    {
        await using var one = await StartAsync([], alpn: false);
        await using var two = await StartAsync([], alpn: false);
        await using var application = new MeshApplication(Settings.Service("vault", one.Url, two.Url), WithTrust);
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://vault/")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => application.Client("user").SendAsync(request, Token).Soon());

        Assert.Equal(HttpRequestError.VersionNegotiationError, exception.HttpRequestError);
        Assert.Null(exception.InnerException);
        var greeter = application.Services.GetRequiredService<Greeter.GreeterClient>();
        var failure = await Assert.ThrowsAsync<RpcException>(
            async () => await greeter.GreetAsync(new GreetRequest { Name = "Ada" }, cancellationToken: Token));
        Assert.Equal(StatusCode.Internal, failure.StatusCode);
        Assert.Equal(0, one.Requests + two.Requests);
    }

    /// <summary>A rollout that switches HTTP/2 on, without TLS: nothing in the connection says which instance is which.</summary>
    [Theory]
    [InlineData("none", LoadBalancingPolicies.Adaptive)]
    [InlineData("text", LoadBalancingPolicies.Adaptive)]
    [InlineData("none", LoadBalancingPolicies.RoundRobin)]
    [InlineData("text", LoadBalancingPolicies.RoundRobin)]
    [InlineData("JSON", LoadBalancingPolicies.RoundRobin)]
    public async Task Calls_that_demand_http2_go_past_those_that_speak_plain_http1(string body, string policy)
    {
        await using var old = await PlainAsync(HttpProtocols.Http1);
        await using var current = await PlainAsync(HttpProtocols.Http2);
        await using var application = new MeshApplication(
            Settings.Service("vault", old.Url, current.Url).With("Services:vault:LoadBalancing:Policy", policy), WithTrust);
        for (var i = 0; i < 40; i++)
        {
            using var response = await SendAsync(application, "http://vault/", body switch
            {
                "none" => null,
                "text" => new StringContent("order"),
                _ => JsonContent.Create("order"),
            });
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(0, old.Requests);
        Assert.Equal(40, current.Requests);
    }

    /// <summary>The usual mistake: the port for REST is registered, and a client for gRPC calls the name, too.</summary>
    [Theory]
    [InlineData("plain", 1)]
    [InlineData("plain", 2)]
    [InlineData("ALPN", 1)]
    [InlineData("ALPN", 2)]
    [InlineData("trust", 1)]
    [InlineData("trust", 2)]
    public async Task Client_with_the_wrong_version_or_trust_does_not_disturb_another(string mistake, int endpoints)
    {
        var servers = new List<TestServer>();
        for (var i = 0; i < endpoints; i++)
        {
            servers.Add(mistake is "ALPN" or "trust" ? await TlsAsync() : await PlainAsync(HttpProtocols.Http1));
        }

        try
        {
            await using var application = new MeshApplication(Settings.Service("vault", [.. servers.Select(static s => s.Url)]), WithTrust);
            var url = servers[0].Address.Scheme + "://vault/";
            for (var i = 0; i < 60; i++)
            {
                await Assert.ThrowsAsync<HttpRequestException>(() => mistake == "trust"
                    ? application.Client().GetAsync(url, Token).Soon()
                    : SendAsync(application, url, i % 2 == 0 ? null : new StringContent("order")));
                using var response = await application.Client("user").GetAsync(url, Token).Soon();
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }

            Assert.Equal(60, servers.Sum(static server => server.Requests));
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(MeshApplication application, string url, HttpContent? content)
    {
        using var request = new HttpRequestMessage(content is null ? HttpMethod.Get : HttpMethod.Post, url)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        return await application.Client("user").SendAsync(request, Token).Soon();
    }

    private static Task<TestServer> PlainAsync(HttpProtocols protocols) =>
        TestServer.StartAsync(static _ => Task.CompletedTask, listen => listen.Protocols = protocols);

    private static Task<TestServer> TlsAsync() => TestServer.StartAsync(static _ => Task.CompletedTask, static listen =>
    {
        listen.Protocols = HttpProtocols.Http1;
        listen.UseHttps(Certificates.ForServer("127.0.0.1"));
    });

    private static void WithTrust(IServiceCollection services)
    {
        services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(TrustingHandler);
        services.AddGrpcClient<Greeter.GreeterClient>(options => options.Address = new Uri("https://vault"))
            .ConfigurePrimaryHttpMessageHandler(TrustingHandler);
    }

    private static SocketsHttpHandler TrustingHandler() => new()
    {
        SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Certificates.TrustRoot() },
    };

    private static Task<TestServer> StartAsync(ConcurrentQueue<string> bodies, bool alpn) => TestServer.StartAsync(
        async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            bodies.Enqueue(await reader.ReadToEndAsync(context.RequestAborted));
        },
        listen =>
        {
            listen.Protocols = alpn ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
            listen.UseHttps(https =>
            {
                https.ServerCertificate = Certificates.ForServer("127.0.0.1");
                if (!alpn)
                {
                    // With a list that lacks HTTP/2 the handshake fails, and with it the connection.
                    https.OnAuthenticate = (_, tls) => tls.ApplicationProtocols = null;
                }
            });
        });
}
