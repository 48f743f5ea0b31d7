using System.Net;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Outbound.Services;

/// <summary>An instance with a plain port and one for TLS is one endpoint that serves both schemes.</summary>
public sealed class TwoPortsTests
{
    private const string Plain = "10.1.0.1:8080";
    private const string Secure = "10.1.0.1:8443";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://orders/x", Plain, "http")]
    [InlineData("mesh://orders/x", Plain, "http")]
    [InlineData("https+http://orders/x", Plain, "http")]
    [InlineData("HTTP+HTTPS://orders/x", Plain, "http")]
    [InlineData("https://orders/x", Secure, "https")]
    public async Task Scheme_of_the_call_chooses_the_port(string url, string endpoint, string scheme)
    {
        using var mesh = await StartAsync(Both());

        using var response = await mesh.Client.GetAsync(url, Token);

        var received = Assert.Single(mesh.Network.Received);
        Assert.Equal((endpoint, scheme), (received.Endpoint, received.Uri.Scheme));
        Assert.Single(mesh.Service("orders").Endpoints.Current.All);
    }

    [Fact]
    public async Task Failures_over_tls_eject_the_one_endpoint_and_leave_nothing_in_flight()
    {
        using var mesh = await StartAsync(Both(), new EndpointDescription { Address = new Uri("http://10.1.0.2:8080"), SecurePort = 8443 });
        mesh.Network.Refuse(Secure);
        for (var i = 0; i < 20; i++)
        {
            (await mesh.Client.GetAsync("https://orders/", Token)).Dispose();
        }

        var set = mesh.Service("orders").Endpoints.Current;
        Assert.Equal(Plain, Assert.Single(set.Ejected).Name);
        Assert.Equal(2, set.All.Length);
        Assert.All(set.All, endpoint => Assert.Equal(0, endpoint.Load.InFlight));
        Assert.Equal(0, mesh.Network.CountOf(Plain));
    }

    [Theory]
    [InlineData("http://orders/", "reset", Plain)]
    [InlineData("https://orders/", "reset", Secure)]
    [InlineData("https://orders/", "refused", Secure)]
    [InlineData("https://orders/", "timeout", Secure)]
    [InlineData("https://orders/", "silent", Secure)]
    [InlineData("https://orders/", "body", Secure)]
    [InlineData("https://orders/", "long body", Secure)]
    [InlineData("https://orders/", "silent body", Secure)]
    public async Task Errors_name_the_port_that_was_called(string url, string what, string expected)
    {
        using var mesh = await StartAsync(Both());
        mesh.Network.On(expected, what switch
        {
            "refused" => Answers.Throw(ScriptedNetwork.Refused),
            "timeout" => Answers.Hang,
            "silent" => Answers.Throw(() => new HttpRequestException(
                HttpRequestError.ConnectionError, "Timed out", new ConnectTimeoutException())),
            "body" => Body(new BreakingStream(10), 100),
            "long body" => Body(new BreakingStream(10), 100_000),
            "silent body" => Body(new NeverReadStream(), 100_000),
            _ => Answers.Reset,
        });

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => mesh.Advance(mesh.Client.PostAsync(url, null, Token)));

        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(expected == Plain ? Secure : Plain, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Errors_of_several_attempts_name_the_ports_that_were_called()
    {
        using var mesh = await StartAsync(Both(), new EndpointDescription { Address = new Uri("http://10.1.0.2:8080"), SecurePort = 8443 });
        mesh.Network.On(Secure, Answers.Reset);
        mesh.Network.On("10.1.0.2:8443", Answers.Reset);

        var exception = await Assert.ThrowsAsync<HttpRequestException>(
            () => mesh.Advance(mesh.Client.GetAsync("https://orders/", Token)));

        Assert.Contains(Secure + ": upstream_reset", exception.Message, StringComparison.Ordinal);
        Assert.Contains("10.1.0.2:8443: upstream_reset", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(":8080", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirect_to_the_other_port_is_followed_over_tls_once()
    {
        using var mesh = await StartAsync(Both());
        mesh.Network.On(Plain, Answers.Redirect(HttpStatusCode.TemporaryRedirect, "https://orders:7131/x?y=1"));

        using var response = await mesh.Client.GetAsync("http://orders/x?y=1", Token);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal([Plain, Secure], mesh.Network.Received.Select(received => received.Endpoint));
    }

    [Fact]
    public async Task Redirect_that_comes_back_over_tls_ends()
    {
        using var mesh = await StartAsync(Both());
        mesh.Network.On(Plain, Answers.Redirect(HttpStatusCode.TemporaryRedirect, "https://orders/"));
        mesh.Network.On(Secure, Answers.Redirect(HttpStatusCode.TemporaryRedirect, "http://orders/"));

        using var response = await mesh.Client.GetAsync("http://orders/", Token);

        Assert.Equal(HttpStatusCode.TemporaryRedirect, response.StatusCode);
        Assert.Equal([Plain, Secure], mesh.Network.Received.Select(received => received.Endpoint));
    }

    [Fact]
    public async Task Endpoint_that_leaves_closes_both_ports()
    {
        using var mesh = await StartAsync(Both());
        (await mesh.Client.GetAsync("http://orders/", Token)).Dispose();
        (await mesh.Client.GetAsync("https://orders/", Token)).Dispose();
        Assert.Equal(2, mesh.Network.Opened);

        mesh.Service("orders").Publish("test", []);
        mesh.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(2, mesh.Network.Closed);
    }

    [Fact]
    public async Task Port_for_tls_that_moves_is_the_one_that_is_called()
    {
        using var mesh = await StartAsync(Both());
        (await mesh.Client.GetAsync("https://orders/", Token)).Dispose();

        mesh.Service("orders").Publish("test", [Both() with { SecurePort = 9443 }]);
        (await mesh.Client.GetAsync("https://orders/", Token)).Dispose();

        Assert.Equal([Secure, "10.1.0.1:9443"], mesh.Network.Received.Select(received => received.Endpoint));
    }

    [Fact]
    public async Task Endpoint_with_a_plain_port_only_is_none_for_tls()
    {
        using var mesh = await StartAsync(TestSource.Endpoint("http://10.1.0.1:8080"));

        await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Client.GetAsync("https://orders/", Token));
    }

    private static Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> Body(Stream stream, long length) =>
        Answers.Body(new StreamContent(stream) { Headers = { ContentLength = length } });

    private static EndpointDescription Both() => new() { Address = new Uri("http://" + Plain), SecurePort = 8443 };

    private static async Task<MeshFixture> StartAsync(params EndpointDescription[] endpoints)
    {
        var source = new TestSource();
        var mesh = new MeshFixture(
            options => options.Defaults.LoadBalancing.Policy = LoadBalancingPolicies.RoundRobin,
            services => services.AddSingleton<IMeshSource>(source));
        mesh.Directory.Start();
        var sink = await source.Sink;
        sink.Publish("orders", endpoints);
        sink.Ready();
        await mesh.Directory.WhenReady;
        return mesh;
    }
}
