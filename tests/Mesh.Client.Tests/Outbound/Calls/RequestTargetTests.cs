using System.Collections.Concurrent;
using System.Net;
using Mesh.Client.Options;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Outbound.Calls;

/// <summary>Which URI and Host reach the endpoint, and that the request is afterwards what it was.</summary>
public sealed class RequestTargetTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    // As it is.
    [InlineData("http://10.0.0.1:8080", null, "http://catalog/a?b=c", "http://catalog/a?b=c")]
    [InlineData("http://10.0.0.1:8080", null, "http://catalog:5000/a", "http://catalog:5000/a")]
    [InlineData("http://localhost:8080", null, "http://catalog/a", "http://catalog/a")]
    // The scheme: mesh takes the endpoint's, http is raised.
    [InlineData("http://10.0.0.1:8080", null, "mesh://catalog/a?b=c", "http://catalog/a?b=c")]
    [InlineData("http://10.0.0.1:8080", null, "mesh://catalog:5000/a", "http://catalog:5000/a")]
    [InlineData("https://10.0.0.1:8443", HostHeader.Service, "mesh://catalog/a", "https://catalog/a")]
    [InlineData("https://10.0.0.1:8443", HostHeader.Service, "http://catalog/a", "https://catalog/a")]
    [InlineData("https://10.0.0.1:8443", null, "http://catalog/a", "https://10.0.0.1:8443/a")]
    // A DNS name is spoken.
    [InlineData("http://shop.example.com", null, "http://catalog/a", "http://shop.example.com/a")]
    [InlineData("https://shop.example.com", null, "http://catalog/a", "https://shop.example.com/a")]
    [InlineData("https://shop.example.com:8443", null, "https://catalog/a", "https://shop.example.com:8443/a")]
    [InlineData("http://shop.example.com", HostHeader.Service, "http://catalog/a", "http://catalog/a")]
    // Or not.
    [InlineData("http://10.0.0.1:8080", HostHeader.Endpoint, "http://catalog/a", "http://10.0.0.1:8080/a")]
    [InlineData("http://10.0.0.1:8080", HostHeader.Service, "http://catalog/a", "http://catalog/a")]
    // Base path, query, escapes.
    [InlineData("http://10.0.0.1/base", null, "http://catalog/a?b=c", "http://catalog/base/a?b=c")]
    [InlineData("http://10.0.0.1/base/", null, "http://catalog/", "http://catalog/base/")]
    [InlineData("http://10.0.0.1/b%20s", null, "http://catalog/a", "http://catalog/b%20s/a")]
    [InlineData("http://10.0.0.1/base", null, "http://catalog/a%2Fb%20c/%C3%A4?q=%26%2B+&r=%20",
        "http://catalog/base/a%2Fb%20c/%C3%A4?q=%26%2B+&r=%20")]
    [InlineData("http://10.0.0.1/base", null, "http://catalog//double//slash", "http://catalog/base//double//slash")]
    [InlineData("https://10.0.0.1", HostHeader.Service, "http://catalog?only=query", "https://catalog/?only=query")]
    // IPv6.
    [InlineData("http://[fd00::1]:8080", null, "http://catalog/a", "http://catalog/a")]
    [InlineData("http://[fd00::1]:8080", HostHeader.Endpoint, "http://catalog/a", "http://[fd00::1]:8080/a")]
    [InlineData("https://[fd00::1]", null, "http://catalog/a", "https://[fd00::1]/a")]
    public async Task Send_own_transport_gets_the_uri_that_must_be_said(
        string endpoint, HostHeader? hostHeader, string request, string expected)
    {
        using var mesh = Mesh(endpoint, hostHeader);
        for (var i = 0; i < 2; i++)
        {
            var message = new HttpRequestMessage(HttpMethod.Get, request);
            var before = message.RequestUri;
            (await mesh.Client.SendAsync(message, Token)).Dispose();

            Assert.Equal(expected, mesh.Network.Received.Last().Uri.AbsoluteUri);
            Assert.Null(mesh.Network.Received.Last().Host);
            Assert.Same(before, message.RequestUri);
            Assert.Null(message.Headers.Host);
        }
    }

    [Theory]
    [InlineData("http://10.0.0.1:8080", null, "http://catalog/a?b=c", "http://10.0.0.1:8080/a?b=c", "catalog")]
    [InlineData("http://10.0.0.1:8080", null, "http://catalog:5000/a", "http://10.0.0.1:8080/a", "catalog:5000")]
    [InlineData("http://10.0.0.1:8080", null, "mesh://catalog/a", "http://10.0.0.1:8080/a", "catalog")]
    [InlineData("http://10.0.0.1:8080", HostHeader.Endpoint, "http://catalog/a", "http://10.0.0.1:8080/a", "10.0.0.1:8080")]
    [InlineData("http://shop.example.com", null, "http://catalog/a", "http://shop.example.com/a", "shop.example.com")]
    [InlineData("https://shop.example.com:8443/base", HostHeader.Service, "http://catalog/a", "https://shop.example.com:8443/base/a",
        "catalog")]
    [InlineData("http://[fd00::1]:8080", null, "http://catalog/a%2Fb", "http://[fd00::1]:8080/a%2Fb", "catalog")]
    public async Task Send_the_users_primary_handler_gets_the_address_and_the_host(
        string endpoint, HostHeader? hostHeader, string request, string uri, string host)
    {
        using var primary = new RecordingHandler();
        using var mesh = Mesh(endpoint, hostHeader, primary);
        var message = new HttpRequestMessage(HttpMethod.Get, request);
        var before = message.RequestUri;

        (await mesh.Client.SendAsync(message, Token)).Dispose();

        Assert.Equal((HttpMethod.Get, uri, host), Assert.Single(primary.Received));
        Assert.Same(before, message.RequestUri);
        Assert.Null(message.Headers.Host);
    }

    [Fact]
    public async Task Send_the_users_primary_handler_keeps_the_users_host()
    {
        using var primary = new RecordingHandler();
        using var mesh = Mesh("http://10.0.0.1:8080", null, primary);
        var message = new HttpRequestMessage(HttpMethod.Get, Fleet.Url) { Headers = { Host = "mine" } };

        (await mesh.Client.SendAsync(message, Token)).Dispose();

        Assert.Equal("mine", Assert.Single(primary.Received).Host);
        Assert.Equal("mine", message.Headers.Host);
    }

    [Theory]
    // A base path, another name, both; and a path that needs to stay as it was written.
    [InlineData("http://10.0.0.1/v2", "http://10.0.0.2/v2", null, "http://catalog/orders/7", "http://catalog/v2/orders/7",
        "http://catalog/v2/orders/7")]
    [InlineData("http://10.0.0.1/v2", "http://10.0.0.2/v3", null, "mesh://catalog/orders/7", "http://catalog/v2/orders/7",
        "http://catalog/v3/orders/7")]
    [InlineData("http://10.0.0.1/v2", "http://10.0.0.2", null, "http://catalog/orders/7", "http://catalog/v2/orders/7",
        "http://catalog/orders/7")]
    [InlineData("http://10.0.0.1", "http://10.0.0.2/v3", null, "http://catalog/orders/7", "http://catalog/orders/7",
        "http://catalog/v3/orders/7")]
    [InlineData("http://10.0.0.1/v2", "http://10.0.0.2/v3", HostHeader.Endpoint, "http://catalog/orders/7", "http://10.0.0.1/v2/orders/7",
        "http://10.0.0.2/v3/orders/7")]
    [InlineData("https://10.0.0.1/v2", "https://10.0.0.2/v2", null, "https://catalog/orders/7?a=%2F", "https://10.0.0.1/v2/orders/7?a=%2F",
        "https://10.0.0.2/v2/orders/7?a=%2F")]
    public async Task Send_a_message_that_is_under_way_is_rewritten_from_what_it_was(
        string one, string two, HostHeader? hostHeader, string request, string expectedOne, string expectedTwo)
    {
        foreach (var firstEndsFirst in new[] { true, false })
        {
            using var mesh = Mesh([one, two], hostHeader);
            var answers = new ConcurrentDictionary<string, TaskCompletionSource>();
            mesh.All(async (message, token) =>
            {
                await answers.GetOrAdd(message.RequestUri!.AbsoluteUri, _ => new TaskCompletionSource()).Task.WaitAsync(token);
                return new HttpResponseMessage(HttpStatusCode.OK);
            });

            using var invoker = new HttpMessageInvoker(mesh.Handler, disposeHandler: false);
            using var message = new HttpRequestMessage(HttpMethod.Get, request);
            var before = message.RequestUri;
            var first = invoker.SendAsync(message, Token);
            var second = invoker.SendAsync(message, Token);
            var sent = mesh.Network.Received.Select(r => r.Uri.AbsoluteUri).ToArray();
            Assert.Equal(new[] { expectedOne, expectedTwo }.Order(), sent.Order());

            foreach (var uri in firstEndsFirst ? sent : sent.Reverse())
            {
                answers[uri].TrySetResult();
                await Task.WhenAny(first, second).Settle();
            }

            (await first).Dispose();
            (await second).Dispose();
            Assert.Same(before, message.RequestUri);
        }
    }

    [Fact]
    public async Task Send_a_message_that_is_under_way_keeps_its_own_scheme_and_host()
    {
        // The endpoint remembers the path from a call that said http.
        using var mesh = Mesh(["https://10.0.0.1/v2"], HostHeader.Endpoint);
        (await mesh.Client.GetAsync("http://catalog/orders/7", Token)).Dispose();
        var answer = new TaskCompletionSource();
        var seen = new List<string>();
        mesh.All(async (message, token) =>
        {
            seen.Add(message.RequestUri!.AbsoluteUri);
            await answer.Task.WaitAsync(token);
            return new HttpResponseMessage(HttpStatusCode.OK);
        });
        using var invoker = new HttpMessageInvoker(mesh.Handler, disposeHandler: false);
        using var message = new HttpRequestMessage(HttpMethod.Get, "https://catalog:444/orders/7");
        var before = message.RequestUri;

        var first = invoker.SendAsync(message, Token);
        var second = invoker.SendAsync(message, Token);
        answer.SetResult();
        (await first).Dispose();
        (await second).Dispose();

        Assert.Equal(["https://10.0.0.1/v2/orders/7", "https://10.0.0.1/v2/orders/7"], seen);
        Assert.Same(before, message.RequestUri);
    }

    [Fact]
    public async Task Send_the_users_primary_handler_without_a_response_is_what_HttpClient_says_of_it()
    {
        using var primary = new RecordingHandler((_, _) => Task.FromResult<HttpResponseMessage>(null!));
        using var mesh = Fleet.Of(2, primary: primary);
        using var plain = new HttpClient(new RecordingHandler((_, _) => Task.FromResult<HttpResponseMessage>(null!)));
        using var message = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
        var before = message.RequestUri;

        var expected = await Assert.ThrowsAsync<InvalidOperationException>(() => plain.GetAsync(Fleet.Url, Token));
        var actual = await Assert.ThrowsAsync<InvalidOperationException>(() => mesh.Client.SendAsync(message, Token));

        Assert.Equal(expected.Message, actual.Message);
        Assert.Throws<InvalidOperationException>(() => mesh.Client.Send(new HttpRequestMessage(HttpMethod.Get, Fleet.Url), Token));
        Assert.Equal(2, primary.Received.Count);
        Assert.Same(before, message.RequestUri);
        Assert.Equal(0, mesh.InFlight());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Send_failure_restores_the_request(bool ownPrimary)
    {
        using var primary = new RecordingHandler(Answers.Throw(ScriptedNetwork.Refused));
        using var mesh = Mesh("https://10.0.0.1:8443/base", null, ownPrimary ? primary : null);
        mesh.Network.Refuse("10.0.0.1:8443");
        var message = new HttpRequestMessage(HttpMethod.Get, Fleet.Url);
        var before = message.RequestUri;

        await Assert.ThrowsAsync<HttpRequestException>(() => mesh.Advance(mesh.Client.SendAsync(message, Token)));

        Assert.Same(before, message.RequestUri);
        Assert.Null(message.Headers.Host);
    }

    [Theory]
    [InlineData(null, null, "https://10.0.0.1:8443/a")]
    [InlineData("inventory.internal", null, "https://inventory.internal:8443/a")]
    [InlineData("inventory.internal", HostHeader.Endpoint, "https://inventory.internal:8443/a")]
    [InlineData("inventory.internal", HostHeader.Service, "https://catalog/a")]
    public async Task Send_on_tls_speaks_the_name_that_the_source_declares(string? tlsName, HostHeader? hostHeader, string expected)
    {
        using var mesh = await PublishAsync(
            new EndpointDescription { Address = new Uri("https://10.0.0.1:8443"), TlsName = tlsName }, hostHeader);

        (await mesh.Client.GetAsync("http://catalog/a", Token)).Dispose();

        Assert.Equal(expected, Assert.Single(mesh.Network.Received).Uri.AbsoluteUri);
    }

    /// <summary>What is asked for by the operator (HostHeader), or what a certificate is checked against, goes before.</summary>
    [Theory]
    [InlineData("http://10.0.0.1:8080", "shop.example.com", null, null, "http://shop.example.com/a")]
    [InlineData("http://10.0.0.1:8080", "shop.example.com:81", null, null, "http://shop.example.com:81/a")]
    [InlineData("http://10.0.0.1:8080/base", "[fd00::1]:81", null, null, "http://[fd00::1]:81/base/a")]
    [InlineData("https://10.0.0.1:8443", "shop.example.com", null, null, "https://shop.example.com/a")]
    [InlineData("https://10.0.0.1:8443", "shop.example.com", "inventory.internal", null, "https://inventory.internal:8443/a")]
    [InlineData("http://10.0.0.1:8080", "shop.example.com", null, HostHeader.Endpoint, "http://10.0.0.1:8080/a")]
    [InlineData("http://10.0.0.1:8080", "shop.example.com", null, HostHeader.Service, "http://catalog/a")]
    public async Task Send_carries_the_host_that_the_source_gives(
        string address, string host, string? tlsName, HostHeader? hostHeader, string expected)
    {
        using var mesh = await PublishAsync(
            new EndpointDescription { Address = new Uri(address), Host = host, TlsName = tlsName }, hostHeader);

        (await mesh.Client.GetAsync("http://catalog/a", Token)).Dispose();

        Assert.Equal(expected, Assert.Single(mesh.Network.Received).Uri.AbsoluteUri);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("shop/..")]
    [InlineData("shop?x")]
    [InlineData("shop#x")]
    [InlineData("user@shop")]
    [InlineData("shop:port")]
    [InlineData("shop:99999")]
    [InlineData("shop\r\nX-Evil: 1")]
    [InlineData("shop\\evil")]
    [InlineData("http://shop")]
    public async Task Send_to_an_endpoint_with_a_host_that_is_none_fails_and_says_why(string host)
    {
        using var mesh = await PublishAsync(new EndpointDescription { Address = new Uri("http://10.0.0.1"), Host = host }, null);

        await Assert.ThrowsAsync<NoEndpointException>(() => mesh.Advance(mesh.Client.GetAsync("http://catalog/a", Token)));

        Assert.Empty(mesh.Network.Received);
        Assert.Contains(
            mesh.Logs.GetSnapshot(),
            record => record.Message.Contains("that its requests would carry is no host name", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Send_alternating_addresses_are_never_mixed_up()
    {
        using var mesh = Mesh("https://10.0.0.1/base", HostHeader.Service);
        foreach (var url in new[]
        {
            "http://catalog/a",
            "http://catalog:81/a",
            "http://catalog/a?b",
            "http://catalog/a",
            "mesh://catalog/a",
            "https://catalog/c",
        })
        {
            (await mesh.Client.GetAsync(url, Token)).Dispose();
            var wanted = new Uri(url);
            Assert.Equal($"https://{wanted.Authority}/base{wanted.PathAndQuery}", mesh.Network.Received.Last().Uri.AbsoluteUri);
        }
    }

    [Theory]
    [InlineData("ws://catalog/a", "http://catalog/a")]
    [InlineData("wss://catalog/a", null)]
    public async Task Send_web_sockets_are_services_too_and_never_lose_tls(string request, string? expected)
    {
        using var mesh = Mesh("http://10.0.0.1:8080", null);
        mesh.Network.On("10.0.0.1:8080", HttpStatusCode.SwitchingProtocols);
        using var invoker = new HttpMessageInvoker(mesh.Handler, disposeHandler: false);
        var call = invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, request), Token);
        if (expected is null)
        {
            await Assert.ThrowsAsync<NoEndpointException>(() => call);
            return;
        }

        Assert.Equal(HttpStatusCode.SwitchingProtocols, (await call).StatusCode);
        Assert.Equal(expected, Assert.Single(mesh.Network.Received).Uri.AbsoluteUri);
        Assert.Equal(0, mesh.InFlight());
    }

    [Theory]
    [InlineData("/%7Euser/a%2E%2Eb")]
    [InlineData("/x/%2E%2E/y")]
    [InlineData("/a%2Fb//c")]
    [InlineData("/a/./b/%2e")]
    [InlineData("/A%C3%A4?q=%7E%2E&r=a+b%20c")]
    [InlineData("/a?x=/../..")]
    [InlineData("?only=query")]
    [InlineData("")]
    public async Task Send_a_uri_that_is_not_canonical_arrives_as_written_however_the_endpoint_is(string path)
    {
        foreach (var (endpoint, hostHeader, before) in new (string, HostHeader?, string)[]
        {
            ("http://10.0.0.1:8080", HostHeader.Endpoint, ""),
            ("http://shop.example.com", null, ""),
            ("https://10.0.0.1:8443", HostHeader.Service, ""),
            ("http://10.0.0.1:8080/v2", null, "/v2"),
            ("https://shop.example.com/v2/", null, "/v2"),
        })
        {
            foreach (var own in new[] { false, true })
            {
                using var primary = new RecordingHandler();
                using var mesh = Mesh(endpoint, hostHeader, own ? primary : null);
                (await mesh.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, Raw("http://catalog" + path)), Token)).Dispose();

                var sent = own ? Raw(Assert.Single(primary.Received).Uri) : Assert.Single(mesh.Network.Received).Uri;
                Assert.Equal(before + (path.StartsWith('/') ? path : "/" + path), sent.PathAndQuery);
            }
        }
    }

    [Theory]
    [InlineData("/%2e%2e/admin")]
    [InlineData("/../admin")]
    [InlineData("/a/../%2E./admin")]
    [InlineData("/..%2fadmin")]
    [InlineData("/..;/admin")]
    public async Task Send_a_path_that_leaves_the_base_path_is_refused_and_blames_nobody(string path)
    {
        foreach (var own in new[] { false, true })
        {
            using var primary = new RecordingHandler();
            using var mesh = Mesh("http://10.0.0.1:8080/v2", null, own ? primary : null);
            var message = new HttpRequestMessage(HttpMethod.Get, Raw("http://catalog" + path));
            for (var i = 0; i < 10; i++)
            {
                var refusal = await Assert.ThrowsAsync<CallRejectedException>(
                    () => mesh.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, message.RequestUri), Token));
                Assert.Equal("catalog", refusal.Service);
                Assert.Contains("of '/v2', the base path of endpoint 10.0.0.1:8080", refusal.Message, StringComparison.Ordinal);
            }

            Assert.Empty(primary.Received);
            Assert.Empty(mesh.Network.Received);
            Assert.Equal(0, mesh.InFlight());
            Assert.Empty(mesh.Catalog().Endpoints.Current.Ejected);
            Assert.True(mesh.Catalog().Breaker.IsClosed);
        }
    }

    /// <summary>The other form throws when it is taken apart, as the handler of ASP.NET Core's TestServer does.</summary>
    [Theory]
    [InlineData("http://10.0.0.1:8080")]
    [InlineData("http://10.0.0.1:8080/v2")]
    public async Task Send_canonical_address_stays_one_that_can_be_taken_apart(string endpoint)
    {
        using var primary = new TakingApart();
        using var mesh = Mesh(endpoint, null, primary);

        (await mesh.Client.GetAsync("http://catalog/a%20b/~c?d=%26", Token)).Dispose();

        Assert.Equal(new Uri(endpoint).AbsolutePath.TrimStart('/') + (endpoint.EndsWith('2') ? "/" : "") + "a%20b/~c", primary.Path);
    }

    [Theory]
    [InlineData(false, "https://payments.internal:8443/a", null)]
    [InlineData(true, "https://10.0.0.1:8443/a", "payments.internal:8443")]
    public async Task Send_with_a_TlsName_no_Host_header_decides_which_certificate_is_right(bool own, string uri, string? host)
    {
        using var primary = new RecordingHandler();
        using var mesh = new MeshFixture(
            options => options.Services[Fleet.Name] =
                new ServiceOptions { Endpoints = { "https://10.0.0.1:8443" }, TlsName = "payments.internal" },
            primary: own ? primary : null);
        using var message = new HttpRequestMessage(HttpMethod.Get, "http://catalog/a") { Headers = { Host = "evil.example" } };

        (await mesh.Client.SendAsync(message, Token)).Dispose();

        var sent = own
            ? Assert.Single(primary.Received)
            : mesh.Network.Received.Select(r => (r.Method, Uri: r.Uri.AbsoluteUri, r.Host)).Single();
        Assert.Equal((HttpMethod.Get, uri, host), sent);
        Assert.Equal("evil.example", message.Headers.Host);
    }

    private static Uri Raw(string uri) => new(uri, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });

    private static MeshFixture Mesh(string endpoint, HostHeader? hostHeader, HttpMessageHandler? primary = null) =>
        new(
            options => options.Services[Fleet.Name] = new ServiceOptions { Endpoints = { endpoint }, HostHeader = hostHeader },
            primary: primary);

    private static async Task<MeshFixture> PublishAsync(EndpointDescription endpoint, HostHeader? hostHeader)
    {
        var source = new TestSource();
        var mesh = new MeshFixture(
            options => options.Services[Fleet.Name] = new ServiceOptions { HostHeader = hostHeader },
            services => services.AddSingleton<IMeshSource>(source));
        mesh.Directory.Start();
        var sink = await source.Sink;
        sink.Publish(Fleet.Name, [endpoint]);
        sink.Ready();
        return mesh;
    }

    private static MeshFixture Mesh(string[] endpoints, HostHeader? hostHeader) => new(options =>
    {
        var service = new ServiceOptions { HostHeader = hostHeader, LoadBalancing = { Policy = LoadBalancingPolicies.RoundRobin } };
        foreach (var endpoint in endpoints)
        {
            service.Endpoints.Add(endpoint);
        }

        options.Services[Fleet.Name] = service;
    });

    private sealed class TakingApart : HttpMessageHandler
    {
        public string? Path { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Path = request.RequestUri!.GetComponents(UriComponents.Path, UriFormat.UriEscaped);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK));
        }
    }
}
