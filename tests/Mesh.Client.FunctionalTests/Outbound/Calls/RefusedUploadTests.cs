using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Polly.CircuitBreaker;

namespace Mesh.Client.FunctionalTests.Outbound.Calls;

/// <summary>Uploads that a server refuses before it has read them. Over HTTP/1.1 its answer is lost more often than not.</summary>
public sealed class RefusedUploadTests
{
    private const int Size = 8_000_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpProtocols.Http1, 413, false)]
    [InlineData(HttpProtocols.Http1, 413, true)]
    [InlineData(HttpProtocols.Http1, 401, false)]
    [InlineData(HttpProtocols.Http2, 413, false)]
    public async Task Uploads_that_all_servers_refuse_fail_no_other_call(HttpProtocols protocol, int status, bool tls)
    {
        var arrivals = new ConcurrentDictionary<string, int>();
        await using var first = await LimitedAsync(protocol, status, arrivals, tls);
        await using var second = await LimitedAsync(protocol, status, arrivals, tls);
        await using var third = await LimitedAsync(protocol, status, arrivals, tls);
        await using var application = new MeshApplication(
            Settings.Service("files", Address(first), Address(second), Address(third)), Trust);
        using var client = application.Client(tls ? "user" : "");
        var ends = new ConcurrentBag<string>();

        for (var batch = 0; batch < 12; batch++)
        {
            var uploads = Enumerable.Range(0, 6)
                .Select(i => UploadAsync(client, protocol, $"{batch}-{i}", i % 2 == 0 ? "PUT" : "POST", ends))
                .ToList();
            for (var i = 0; i < 10; i++)
            {
                using var response = await client.SendAsync(Request("GET", protocol), Token).Soon();
                Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            }

            await Task.WhenAll(uploads).Soon();
        }

        string Address(TestServer server) => tls ? server.NamedUrl : server.Url;
        Assert.Equal(72, ends.Count);
        Assert.All(ends, end => Assert.True(end == status.ToString(CultureInfo.InvariantCulture) || end == "lost", end));
        Assert.Equal(protocol == HttpProtocols.Http1, ends.Contains("lost"));
        var said = string.Join(
            '\n', application.Logs.GetSnapshot().Where(static r => r.Id.Id is 1200 or 1300).Select(static r => r.Message));
        Assert.True(said.Length == 0, said);
        Assert.Equal(CircuitState.Closed, application.State("files").Subsets[0].Breaker.State);
        Assert.Equal(72, arrivals.Count);
        Assert.All(arrivals, upload => Assert.InRange(upload.Value, 1, 2));
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Server_that_crashes_during_uploads_is_left_and_found_out(HttpProtocols protocol)
    {
        await using var first = await LimitedAsync(protocol, 200, []);
        await using var second = await LimitedAsync(protocol, 200, []);
        await using var crashing = await CrashingAsync(protocol);
        await using var application = new MeshApplication(Settings.Service("files", crashing.Url, first.Url, second.Url)
            .With("Services:files:LoadBalancing:Policy", "RoundRobin"));
        var ends = new ConcurrentBag<string>();

        for (var i = 0; i < 40; i++)
        {
            await UploadAsync(application.Client(), protocol, $"{i}", "PUT", ends).Soon();
        }

        Assert.Equal(40, ends.Count);
        Assert.All(ends, end => Assert.Equal("200", end));
        Assert.NotEqual(0, application.Count(1200));
        Assert.InRange(crashing.Requests, 5, 12);
    }

    /// <summary>There no answer is lost: a connection that ends is a failure of its endpoint.</summary>
    [Fact]
    public async Task Connection_of_HTTP2_that_ends_during_an_upload_is_charged()
    {
        await using var server = await CrashingAsync(HttpProtocols.Http2);
        await using var application = new MeshApplication(Settings.Service("files", server.Url));
        var ends = new ConcurrentBag<string>();

        await UploadAsync(application.Client(), HttpProtocols.Http2, "1", "POST", ends).Soon();

        Assert.NotEqual("200", Assert.Single(ends));
        Assert.True(application.State("files").Endpoints.Current.All[0].Health.HasFailures, ends.First());
    }

    private static async Task UploadAsync(HttpClient client, HttpProtocols protocol, string id, string method, ConcurrentBag<string> ends)
    {
        using var request = Request(method, protocol);
        request.Headers.Add("X-Upload", id);
        request.Content = new ByteArrayContent(new byte[Size]);
        try
        {
            using var response = await client.SendAsync(request, Token);
            ends.Add(((int)response.StatusCode).ToString(CultureInfo.InvariantCulture));
        }
        catch (HttpRequestException exception)
        {
            var isLost = exception.Message.StartsWith("Error while copying", StringComparison.Ordinal);
            ends.Add(exception is CallRejectedException ? "rejected" : isLost ? "lost" : exception.ToString());
        }
    }

    private static void Trust(IServiceCollection services) =>
        services.AddHttpClient("user").ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            SslOptions = { CertificateChainPolicy = Certificates.TrustRoot() },
        });

    private static HttpRequestMessage Request(string method, HttpProtocols protocol) => new(new HttpMethod(method), "http://files/")
    {
        Version = protocol == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static Task<TestServer> LimitedAsync(
        HttpProtocols protocol, int status, ConcurrentDictionary<string, int> arrivals, bool tls = false) => TestServer.StartAsync(
        async context =>
        {
            if (context.Request.Headers["X-Upload"] is { Count: 1 } id)
            {
                arrivals.AddOrUpdate(id.ToString(), 1, (_, count) => count + 1);
                if (status == 401)
                {
                    context.Response.StatusCode = status;
                    return;
                }
            }

            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        },
        listen =>
        {
            listen.Protocols = protocol;
            if (tls)
            {
                listen.UseHttps(Certificates.ForServer("localhost"));
            }
        },
        services => services.PostConfigure<KestrelServerOptions>(
            kestrel => kestrel.Limits.MaxRequestBodySize = status == 200 ? null : 1_000_000));

    /// <summary>Ends the connection when a request begins.</summary>
    private static async Task<TestServer> CrashingAsync(HttpProtocols protocol)
    {
        var connections = new ConcurrentDictionary<string, ConnectionContext>();
        return await TestServer.StartAsync(
            async context =>
            {
                await context.Request.Body.ReadExactlyAsync(new byte[10_000], context.RequestAborted);
                connections[context.Connection.Id].Abort();
            },
            listen =>
            {
                listen.Protocols = protocol;
                listen.Use(next => connection =>
                {
                    connections[connection.ConnectionId] = connection;
                    return next(connection);
                });
            });
    }
}
