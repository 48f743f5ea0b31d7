using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using Grpc.Core;
using Mesh.Client.FunctionalTests.Servers;
using Mesh.Client.FunctionalTests.UserCode;
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

        for (var i = 0; i < 30; i++)
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
        var endpoint = application.State("vault").Endpoints.All.Single(e => e.Name == old.Name);
        Assert.Contains("local_error", endpoint.Health.LastFailure, StringComparison.Ordinal);
        Assert.Equal(0, application.State("vault").Budget.FailureShare);
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
        Assert.NotNull(application.State("vault").Endpoints.All.Single(e => e.Name == old.Name).Health.LastFailure);
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
