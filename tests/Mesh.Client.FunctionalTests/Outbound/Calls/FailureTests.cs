using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mesh.Client.FunctionalTests.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.FunctionalTests.Outbound.Calls;

/// <summary>What callers see when endpoints are gone.</summary>
public sealed class FailureTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_endpoints_dead_give_the_original_exception_with_what_was_tried()
    {
        using var first = new DeadEndpoint();
        using var second = new DeadEndpoint();
        await using var application = new MeshApplication(Settings.Service("gone", first.Url, second.Url));

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => application.Client().GetAsync(new Uri("http://gone/"), Token));

        Assert.Equal(HttpRequestError.ConnectionError, exception.HttpRequestError);
        var attempts = exception.Data["mesh.attempts"]!.ToString();
        Assert.Contains("'gone'", attempts, StringComparison.Ordinal);
        Assert.Contains(first.Name, attempts, StringComparison.Ordinal);
        Assert.Contains(second.Name, attempts, StringComparison.Ordinal);

        // A logger prints the message, and no data.
        Assert.Contains($"{first.Name}: connect_failure (", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"{second.Name}: connect_failure (", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("gone:80", exception.Message, StringComparison.Ordinal);
        Assert.IsType<SocketException>(exception.InnerException);
    }

    [Fact]
    public async Task Dead_endpoint_is_named_by_the_exception_which_is_else_as_without_the_mesh()
    {
        using var dead = new DeadEndpoint();
        await using var application = new MeshApplication(Settings.Service("gone", dead.Url));
        using var plain = new HttpClient();

        var expected = await Assert.ThrowsAsync<HttpRequestException>(() => plain.GetAsync(new Uri(dead.Url), Token));
        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => application.Client().GetAsync(new Uri("http://gone/"), Token));

        var refused = new SocketException((int)SocketError.ConnectionRefused);
        Assert.StartsWith($"Endpoint {dead.Name} of service 'gone' cannot be reached: {refused.Message}. Tried: {dead.Name}: "
            + $"connect_failure ({refused.Message}) after ", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("gone:80", exception.Message, StringComparison.Ordinal);
        Assert.Equal((expected.HttpRequestError, expected.StatusCode), (exception.HttpRequestError, exception.StatusCode));
        var inner = Assert.IsType<SocketException>(exception.InnerException);
        Assert.Equal((refused.SocketErrorCode, refused.NativeErrorCode), (inner.SocketErrorCode, inner.NativeErrorCode));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Dead_endpoint_is_named_by_the_exception_also_over_a_handler_of_the_users(int retries)
    {
        using var dead = new DeadEndpoint();
        await using var application = new MeshApplication(
            Settings.Service("gone", dead.Url).With("Services:gone:Retry:MaxRetries", retries.ToString(CultureInfo.InvariantCulture)),
            services => services.AddHttpClient(string.Empty).ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler()));

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => application.Client().GetAsync(new Uri("http://gone/"), Token));

        var refused = new SocketException((int)SocketError.ConnectionRefused);
        Assert.StartsWith(
            $"Endpoint {dead.Name} of service 'gone' cannot be reached: {refused.Message}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoint_that_DNS_does_not_know_is_named_by_the_exception()
    {
        await using var application = new MeshApplication(Settings.Service("gone", "http://no-such-host.invalid:81"));

        var exception = await Assert.ThrowsAsync<HttpRequestException>(() => application.Client().GetAsync(new Uri("http://gone/"), Token));

        Assert.StartsWith("Endpoint no-such-host.invalid:81 of service 'gone' cannot be reached: "
            + "", exception.Message, StringComparison.Ordinal);
        Assert.IsType<SocketException>(exception.InnerException);
    }

    [Fact]
    public async Task Endpoint_that_takes_too_long_to_connect_is_named_with_the_setting()
    {
        // It is connected to, and never answers the handshake.
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        silent.Listen();
        var name = $"127.0.0.1:{((IPEndPoint)silent.LocalEndPoint!).Port}";
        await using var application = new MeshApplication(Settings.Service("mute", "https://" + name)
            .With("Services:mute:ConnectTimeout", TimeSpan.FromMilliseconds(200)).With("Services:mute:Retry:MaxRetries", "1"));

        var exception = await Assert.ThrowsAsync<TaskCanceledException>(
            () => application.Client().GetAsync(new Uri("https://mute/"), Token));

        Assert.Matches(
            $@"^Endpoint {name} of service 'mute' cannot be reached: there was no connection within 0\.2 s \(ConnectTimeout\)\. Tried before: {name}: no connection after \d+ ms\. .* raise Mesh:Services:mute:ConnectTimeout\.$",
            exception.Message);
        Assert.IsType<TimeoutException>(exception.InnerException);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task One_endpoint_of_two_dead_is_never_noticed(string method)
    {
        await using var server = await TestServer.StartAsync("alive");
        using var dead = new DeadEndpoint();
        await using var application = new MeshApplication(Settings.Service("half", dead.Url, server.Url));
        var client = application.Client();

        for (var i = 0; i < 200; i++)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), "http://half/");
            using var response = await client.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(200, server.Requests);
    }

    [Fact]
    public async Task One_endpoint_of_ten_alive_is_found_and_then_used()
    {
        await using var server = await TestServer.StartAsync("alive");
        var dead = Enumerable.Range(0, 9).Select(_ => new DeadEndpoint()).ToList();
        await using var application = new MeshApplication(Settings.Service("tenth", [.. dead.Select(d => d.Url), server.Url]));
        var client = application.Client();
        var inARow = 0;

        await Patience.UntilAsync(
            async () =>
            {
                try
                {
                    await client.GetStringAsync(new Uri("http://tenth/"), Token);
                    inARow++;
                }
                catch (HttpRequestException)
                {
                    // Too many in a row were dead, or the breaker is open.
                    inARow = 0;
                }

                return inARow >= 100;
            },
            "100 calls in a row go well");

        dead.ForEach(d => d.Dispose());
    }

    [Fact]
    public async Task Unknown_service_by_mesh_scheme_is_an_error_that_names_the_known()
    {
        await using var application = new MeshApplication(Settings.Service("orders", "http://127.0.0.1:9"));

        var exception = await Assert.ThrowsAsync<NoEndpointException>(() => application.Client().GetAsync(new Uri("mesh://nope/x"), Token));

        Assert.Contains("'nope'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("orders", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mesh_scheme_reaches_a_known_service()
    {
        await using var server = await TestServer.StartAsync("hello");
        await using var application = new MeshApplication(
            Settings.Service("orders", server.Url),
            services => services.AddHttpClient("user", client => client.BaseAddress = new Uri("mesh://orders/")));

        Assert.Equal("hello", await application.Client("user").GetStringAsync(new Uri("x", UriKind.Relative), Token));
    }

    [Fact]
    public async Task Restarted_endpoint_is_used_again()
    {
        await using var server = await TestServer.StartAsync("first");
        using var late = new DeadEndpoint();
        await using var application = new MeshApplication(
            Settings.Service("back", late.Url, server.Url).With("Services:back:LoadBalancing:Policy", "RoundRobin"));
        var client = application.Client();
        for (var i = 0; i < 50; i++)
        {
            Assert.Equal("first", await client.GetStringAsync(new Uri("http://back/"), Token));
        }

        Assert.Single(application.State("back").Endpoints.Current.Ejected);
        late.Listen("second");

        await Patience.UntilAsync(
            async () => await client.GetStringAsync(new Uri("http://back/"), Token) == "second",
            "the endpoint that came back gets a call");
        await Patience.UntilAsync(
            () => application.State("back").Endpoints.Current.Ejected.Length == 0, "the endpoint is no longer ejected");
    }
}
