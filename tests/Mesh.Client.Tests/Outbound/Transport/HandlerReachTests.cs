using System.Net;
using Mesh.Client.Outbound.HttpClients;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Tests.Outbound.Transport;

/// <summary>Which primary handlers may take a request elsewhere than to its address.</summary>
public sealed class HandlerReachTests
{
    private static readonly Uri Endpoint = new("http://10.0.0.1:8080/base");

    private static readonly Dictionary<string, (bool Leaves, Func<HttpMessageHandler?> Create)> Handlers = new()
    {
        ["sockets, all off"] = (false, () => Sockets()),
        ["client, all off"] = (false, () => Client()),
        ["sockets, redirects"] = (true, () => Sockets(redirects: true)),
        ["client, redirects"] = (true, () => Client(redirects: true)),
        ["sockets, proxy"] = (true, () => Sockets(proxy: new PartialProxy(Endpoint.Host))),
        ["client, proxy"] = (true, () => Client(proxy: new PartialProxy(Endpoint.Host))),
        ["sockets, proxy for others"] = (false, () => Sockets(proxy: new PartialProxy("elsewhere"))),
        ["client, proxy for others"] = (false, () => Client(proxy: new PartialProxy("elsewhere"))),
        ["proxy that throws"] = (true, () => Sockets(proxy: new PartialProxy(host: null))),
        ["proxy that is off"] = (false, () => new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            Proxy = new PartialProxy(Endpoint.Host),
        }),
        ["wrapped"] = (false, () => new Wrapper { InnerHandler = Sockets() }),
        ["wrapped redirects"] = (true, () => new Wrapper { InnerHandler = Sockets(redirects: true) }),
        ["twice wrapped redirects"] = (true, () => new Wrapper { InnerHandler = new Wrapper { InnerHandler = Client(redirects: true) } }),
        ["twice wrapped proxy"] = (true, () => new Wrapper
        {
            InnerHandler = new Wrapper { InnerHandler = Client(proxy: new PartialProxy(Endpoint.Host)) },
        }),
        ["wrapper of nothing"] = (true, () => new Wrapper()),
        ["unknown"] = (true, () => new Unknown()),
        ["test server"] = (false, () => new Microsoft.AspNetCore.TestHost.ClientHandler()),
        ["wrapped test server"] = (false, () => new Wrapper { InnerHandler = new Microsoft.AspNetCore.TestHost.ClientHandler() }),
        ["wrapped unknown"] = (true, () => new Wrapper { InnerHandler = new Unknown() }),
        ["derived"] = (true, () => new Derived { AllowAutoRedirect = false, UseProxy = false, CheckCertificateRevocationList = true }),
        ["wrapped derived"] = (true, () => new Wrapper
        {
            InnerHandler = new Derived { AllowAutoRedirect = false, UseProxy = false, CheckCertificateRevocationList = true },
        }),
        ["none"] = (true, () => null),
    };

    public static TheoryData<string> Names => [.. Handlers.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void MayLeave_unless_it_is_seen_to_go_straight(string name)
    {
        var (leaves, create) = Handlers[name];
        using var handler = create();

        Assert.Equal(leaves, HandlerReach.Of(handler, isTrusted: false).MayLeave(Endpoint));
    }

    [Theory]
    [InlineData("unknown", false)]
    [InlineData("wrapped unknown", false)]
    [InlineData("derived", false)]
    [InlineData("sockets, redirects", true)]
    [InlineData("twice wrapped redirects", true)]
    [InlineData("client, proxy", true)]
    public void MayLeave_trust_counts_only_for_what_cannot_be_seen(string name, bool leaves)
    {
        using var handler = Handlers[name].Create();

        Assert.Equal(leaves, HandlerReach.Of(handler, isTrusted: true).MayLeave(Endpoint));
    }

    [Fact]
    public void MayLeave_without_a_proxy_of_its_own_the_proxy_of_the_process_decides()
    {
        var before = HttpClient.DefaultProxy;
        try
        {
            // For one address that no other test uses: the property belongs to the process.
            HttpClient.DefaultProxy = new PartialProxy("10.77.77.77");
            foreach (var handler in new HttpMessageHandler[]
            {
                Sockets(proxies: true),
                Client(proxies: true),
                new Wrapper { InnerHandler = Sockets(proxies: true) },
            })
            {
                using (handler)
                {
                    var reach = HandlerReach.Of(handler, isTrusted: false);
                    Assert.True(reach.MayLeave(new Uri("http://10.77.77.77/")));
                    Assert.False(reach.MayLeave(new Uri("http://10.77.77.78/")));
                }
            }
        }
        finally
        {
            HttpClient.DefaultProxy = before;
        }
    }

    /// <summary>An answer that may be another server's says nothing about the endpoint.</summary>
    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public async Task Send_word_of_an_answer_about_its_server_counts_only_where_it_cannot_be_anothers(bool trusted, bool heeded)
    {
        using var mesh = Fleet.Of(2);
        using var primary = new RecordingHandler((_, _) =>
        {
            var answer = new HttpResponseMessage(HttpStatusCode.OK);
            answer.Headers.Add("mesh-draining", "1");
            return Task.FromResult(answer);
        });
        using var shell = new MeshHandler(mesh.Handler.Pipeline, ownPrimary: true, HandlerReach.Of(primary, trusted))
        {
            InnerHandler = primary,
        };
        using var client = new HttpClient(shell, disposeHandler: false);

        using var response = await client.GetAsync(Fleet.Url, TestContext.Current.CancellationToken);

        Assert.Equal(heeded ? 1 : 0, mesh.Catalog().Endpoints.Current.Draining.Length);
        Assert.Equal(!heeded, response.Headers.Contains("mesh-draining"));
    }

    private static SocketsHttpHandler Sockets(bool redirects = false, IWebProxy? proxy = null, bool proxies = false) =>
        new() { AllowAutoRedirect = redirects, UseProxy = proxies || proxy is not null, Proxy = proxy };

    private static HttpClientHandler Client(bool redirects = false, IWebProxy? proxy = null, bool proxies = false) =>
        new()
        {
            AllowAutoRedirect = redirects,
            UseProxy = proxies || proxy is not null,
            Proxy = proxy,
            CheckCertificateRevocationList = true,
        };

    private sealed class Wrapper : DelegatingHandler;

    private sealed class Unknown : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }

    /// <param name="host">The only host that it is used for; null fails.</param>
    private sealed class PartialProxy(string? host) : IWebProxy
    {
        public ICredentials? Credentials { get; set; }

        public Uri? GetProxy(Uri destination) => IsBypassed(destination) ? null : new Uri("http://10.66.66.66:3128");

        public bool IsBypassed(Uri destination) =>
            (host ?? throw new InvalidOperationException("The script of the proxy is broken.")) != destination.Host;
    }

    /// <summary>An answer of the runtime's holds a connection: the next attempt may need it.</summary>
    [Fact]
    public void Of_a_runtimes_handler_is_known_also_inside_of_others()
    {
        using var sockets = new SocketsHttpHandler();
        using var client = new HttpClientHandler { CheckCertificateRevocationList = true };
        using var wrapped = new Wrapper { InnerHandler = new SocketsHttpHandler() };
        using var own = new RecordingHandler();

        Assert.True(HandlerReach.Of(sockets, isTrusted: false).IsRuntimes);
        Assert.True(HandlerReach.Of(client, isTrusted: false).IsRuntimes);
        Assert.True(HandlerReach.Of(wrapped, isTrusted: false).IsRuntimes);
        Assert.False(HandlerReach.Of(own, isTrusted: true).IsRuntimes);
    }

    /// <summary>What a handler of the user's does around it, or in its place, may send again what has arrived.</summary>
    [Fact]
    public void Of_a_runtimes_handler_is_bare_only_without_anything_around_it()
    {
        using var sockets = new SocketsHttpHandler();
        using var client = new HttpClientHandler { CheckCertificateRevocationList = true };
        using var wrapped = new Wrapper { InnerHandler = new SocketsHttpHandler() };
        using var derived = new Derived { CheckCertificateRevocationList = true };
        using var own = new RecordingHandler();

        Assert.True(HandlerReach.Of(sockets, isTrusted: false).IsBare);
        Assert.True(HandlerReach.Of(client, isTrusted: false).IsBare);
        Assert.False(HandlerReach.Of(wrapped, isTrusted: true).IsBare);
        Assert.False(HandlerReach.Of(derived, isTrusted: true).IsBare);
        Assert.False(HandlerReach.Of(own, isTrusted: true).IsBare);
        Assert.False(HandlerReach.Of(null, isTrusted: true).IsBare);
    }

    private sealed class Derived : HttpClientHandler;
}
