using System.Net;
using System.Net.Security;
using System.Reflection;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Client.Outbound.HttpClients;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Tests.Outbound.HttpClients;

public sealed class PrimaryHandlerComparisonTests
{
    private static readonly Dictionary<string, Action<SocketsHttpHandler>> SocketsChanges = new()
    {
        [nameof(SocketsHttpHandler.AutomaticDecompression)] = h => h.AutomaticDecompression = DecompressionMethods.GZip,
        [nameof(SocketsHttpHandler.Proxy)] = h => h.Proxy = new WebProxy("http://proxy:3128"),
        [nameof(SocketsHttpHandler.DefaultProxyCredentials)] = h => h.DefaultProxyCredentials = CredentialCache.DefaultCredentials,
        [nameof(SocketsHttpHandler.PreAuthenticate)] = h => h.PreAuthenticate = true,
        [nameof(SocketsHttpHandler.Credentials)] = h => h.Credentials = CredentialCache.DefaultCredentials,
        [nameof(SocketsHttpHandler.AllowAutoRedirect)] = h => h.AllowAutoRedirect = false,
        [nameof(SocketsHttpHandler.MaxAutomaticRedirections)] = h => h.MaxAutomaticRedirections = 3,
        [nameof(SocketsHttpHandler.MaxConnectionsPerServer)] = h => h.MaxConnectionsPerServer = 10,
        [nameof(SocketsHttpHandler.MaxResponseHeadersLength)] = h => h.MaxResponseHeadersLength = 128,
        [nameof(SocketsHttpHandler.ConnectTimeout)] = h => h.ConnectTimeout = TimeSpan.FromSeconds(5),
        [nameof(SocketsHttpHandler.Expect100ContinueTimeout)] = h => h.Expect100ContinueTimeout = TimeSpan.FromSeconds(5),
        [nameof(SocketsHttpHandler.InitialHttp2StreamWindowSize)] = h => h.InitialHttp2StreamWindowSize = 1 << 20,
        [nameof(SocketsHttpHandler.KeepAlivePingDelay)] = h => h.KeepAlivePingDelay = TimeSpan.FromSeconds(60),
        [nameof(SocketsHttpHandler.KeepAlivePingTimeout)] = h => h.KeepAlivePingTimeout = TimeSpan.FromSeconds(30),
        [nameof(SocketsHttpHandler.KeepAlivePingPolicy)] = h => h.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        [nameof(SocketsHttpHandler.EnableMultipleHttp3Connections)] = h => h.EnableMultipleHttp3Connections = true,
        [nameof(SocketsHttpHandler.ConnectCallback)] = h => h.ConnectCallback = (_, _) => throw new NotSupportedException(),
        [nameof(SocketsHttpHandler.PlaintextStreamFilter)] = h => h.PlaintextStreamFilter = (context, _) =>
            ValueTask.FromResult(context.PlaintextStream),
        [nameof(SocketsHttpHandler.RequestHeaderEncodingSelector)] = h => h.RequestHeaderEncodingSelector = (_, _) => null,
        [nameof(SocketsHttpHandler.ResponseHeaderEncodingSelector)] = h => h.ResponseHeaderEncodingSelector = (_, _) => null,
        [nameof(SocketsHttpHandler.ActivityHeadersPropagator)] = h => h.ActivityHeadersPropagator = null,
    };

    private static readonly Dictionary<string, Action<HttpClientHandler>> ClientChanges = new()
    {
        [nameof(HttpClientHandler.AutomaticDecompression)] = h => h.AutomaticDecompression = DecompressionMethods.All,
        [nameof(HttpClientHandler.Proxy)] = h => h.Proxy = new WebProxy("http://proxy:3128"),
        [nameof(HttpClientHandler.DefaultProxyCredentials)] = h => h.DefaultProxyCredentials = CredentialCache.DefaultCredentials,
        [nameof(HttpClientHandler.PreAuthenticate)] = h => h.PreAuthenticate = true,
        [nameof(HttpClientHandler.UseDefaultCredentials)] = h => h.UseDefaultCredentials = true,
        [nameof(HttpClientHandler.Credentials)] = h => h.Credentials = CredentialCache.DefaultCredentials,
        [nameof(HttpClientHandler.AllowAutoRedirect)] = h => h.AllowAutoRedirect = false,
        [nameof(HttpClientHandler.MaxAutomaticRedirections)] = h => h.MaxAutomaticRedirections = 3,
        [nameof(HttpClientHandler.MaxConnectionsPerServer)] = h => h.MaxConnectionsPerServer = 10,
        [nameof(HttpClientHandler.MaxResponseHeadersLength)] = h => h.MaxResponseHeadersLength = 128,
        [nameof(HttpClientHandler.ClientCertificateOptions)] = h => h.ClientCertificateOptions = ClientCertificateOption.Automatic,
        [nameof(HttpClientHandler.ServerCertificateCustomValidationCallback)] = h => h.ServerCertificateCustomValidationCallback =
            (_, _, _, _) => false,
        [nameof(HttpClientHandler.CheckCertificateRevocationList)] = h => h.CheckCertificateRevocationList = true,
        [nameof(HttpClientHandler.SslProtocols)] = h => h.SslProtocols = SslProtocols.Tls13,
    };

    private static readonly Dictionary<string, Action<SslClientAuthenticationOptions>> TlsChanges = new()
    {
        [nameof(SslClientAuthenticationOptions.AllowRenegotiation)] = o => o.AllowRenegotiation = false,
        [nameof(SslClientAuthenticationOptions.AllowTlsResume)] = o => o.AllowTlsResume = false,
        [nameof(SslClientAuthenticationOptions.LocalCertificateSelectionCallback)] = o => o.LocalCertificateSelectionCallback =
            (_, _, _, _, _) => null!,
        [nameof(SslClientAuthenticationOptions.RemoteCertificateValidationCallback)] = o => o.RemoteCertificateValidationCallback =
            (_, _, _, _) => false,
        [nameof(SslClientAuthenticationOptions.ApplicationProtocols)] = o => o.ApplicationProtocols = [SslApplicationProtocol.Http11],
        [nameof(SslClientAuthenticationOptions.TargetHost)] = o => o.TargetHost = "orders",
        [nameof(SslClientAuthenticationOptions.ClientCertificates)] = o => o.ClientCertificates = [Certificate()],
        [nameof(SslClientAuthenticationOptions.ClientCertificateContext)] = o => o.ClientCertificateContext =
            SslStreamCertificateContext.Create(Certificate(), null, offline: true),
        [nameof(SslClientAuthenticationOptions.CertificateRevocationCheckMode)] = o => o.CertificateRevocationCheckMode =
            X509RevocationMode.Online,
        [nameof(SslClientAuthenticationOptions.EnabledSslProtocols)] = o => o.EnabledSslProtocols = SslProtocols.Tls13,
        [nameof(SslClientAuthenticationOptions.CertificateChainPolicy)] = o => o.CertificateChainPolicy = new X509ChainPolicy(),
    };

    /// <summary>Cannot be changed everywhere: one value only, or not on every operating system.</summary>
    private static readonly string[] TlsNotChangeable =
    [
        nameof(SslClientAuthenticationOptions.EncryptionPolicy),
        nameof(SslClientAuthenticationOptions.CipherSuitesPolicy),
        nameof(SslClientAuthenticationOptions.AllowRsaPkcs1Padding),
        nameof(SslClientAuthenticationOptions.AllowRsaPssPadding),
    ];

    public static TheoryData<string> SocketsNames => [.. PrimaryHandlerComparison.Sockets.Select(property => property.Name)];

    public static TheoryData<string> ClientNames => [.. PrimaryHandlerComparison.Client.Select(property => property.Name)];

    public static TheoryData<string> TlsNames =>
        [.. PrimaryHandlerComparison.Tls.Select(property => property.Name).Except(TlsNotChangeable)];

    [Theory]
    [MemberData(nameof(SocketsNames))]
    public void Own_when_a_SocketsHttpHandler_differs_in(string property)
    {
        using var handler = new SocketsHttpHandler();
        SocketsChanges[property](handler);

        AssertOwn(handler);
    }

    [Theory]
    [MemberData(nameof(ClientNames))]
    public void Own_when_an_HttpClientHandler_differs_in(string property)
    {
        using var handler = new HttpClientHandler();
        ClientChanges[property](handler);

        AssertOwn(handler);
    }

    [Theory]
    [MemberData(nameof(TlsNames))]
    public void Own_when_TLS_settings_differ_in(string property)
    {
        using var handler = new SocketsHttpHandler();
        TlsChanges[property](handler.SslOptions);

        AssertOwn(handler);
    }

    [Fact]
    public void Own_when_an_HttpClientHandler_has_a_client_certificate()
    {
        using var handler = new HttpClientHandler();
        handler.ClientCertificates.Add(Certificate());

        AssertOwn(handler);
    }

    [Fact]
    public void GivenCookies_finds_what_the_user_gave_or_filled()
    {
        using var handler = new SocketsHttpHandler();
        handler.CookieContainer.Add(new Cookie("a", "b", "/", "orders"));
        AssertOnlyCookies(handler, handler.CookieContainer);

        using var small = new HttpClientHandler { CookieContainer = new CookieContainer(10) };
        AssertOnlyCookies(small, small.CookieContainer);

        var jar = new CookieContainer();
        using var empty = new SocketsHttpHandler { CookieContainer = jar };
        AssertOnlyCookies(empty, jar);
    }

    [Fact]
    public void GivenCookies_finds_none_in_a_new_handler_or_one_that_keeps_none()
    {
        using var plain = new SocketsHttpHandler();
        using var classic = new HttpClientHandler();
        using var off = new SocketsHttpHandler { CookieContainer = new CookieContainer(), UseCookies = false };
        using var other = new OtherHandler();

        Assert.All(
            new HttpMessageHandler?[] { plain, classic, off, other, null },
            handler => Assert.Null(new PrimaryHandlerComparison(null).GivenCookies(handler)));
    }

    [Fact]
    public void GivenCookies_finds_a_container_that_was_replaced_in_place()
    {
        using var handler = new SocketsHttpHandler();
        var comparison = new PrimaryHandlerComparison(handler);
        Assert.Null(comparison.GivenCookies(handler));

        handler.CookieContainer = new CookieContainer();

        Assert.Same(handler.CookieContainer, comparison.GivenCookies(handler));
    }

    /// <summary>What the mesh has put on a handler, and what its use has left there, is nobody's setting.</summary>
    [Fact]
    public void Not_own_when_another_client_has_it_on_the_mesh_already()
    {
        using var shared = new SocketsHttpHandler();
        var first = new PrimaryHandlerComparison(shared);
        Assert.False(PrimaryHandlerComparison.IsUsersOwn(shared));
        Assert.Null(first.GivenCookies(shared));

        shared.ActivityHeadersPropagator = new AttemptPropagator(static () => throw new NotSupportedException());
        shared.CookieContainer.Add(new Cookie("a", "b", "/", "orders"));

        var second = new PrimaryHandlerComparison(shared);
        Assert.False(PrimaryHandlerComparison.IsUsersOwn(shared));
        Assert.Null(second.GivenCookies(shared));
    }

    [Fact]
    public void Own_when_of_another_type()
    {
        using var derived = new DerivedHandler();
        using var other = new OtherHandler();

        AssertOwn(derived);
        AssertOwn(other);
        AssertOwn(null);
    }

    [Fact]
    public void Not_own_when_only_the_pool_or_what_the_mesh_sets_alike_differs()
    {
        using var before = new SocketsHttpHandler();
        using var sockets = new SocketsHttpHandler
        {
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
            EnableMultipleHttp2Connections = true,
            MaxResponseDrainSize = 0,
            ResponseDrainTimeout = TimeSpan.FromSeconds(1),
            Properties = { ["x"] = 1 },
        };
        using var client = new HttpClientHandler { UseCookies = false, UseProxy = false, MaxRequestContentBufferSize = 1 << 20 };

        var comparison = new PrimaryHandlerComparison(before);
        Assert.False(PrimaryHandlerComparison.IsUsersOwn(before));
        Assert.False(PrimaryHandlerComparison.IsUsersOwn(sockets));
        Assert.False(PrimaryHandlerComparison.IsUsersOwn(client));
    }

    [Fact]
    public void Every_property_of_the_runtimes_handlers_is_judged()
    {
        AssertCovered<SocketsHttpHandler>(
            [.. PrimaryHandlerComparison.Sockets.Select(p => p.Name), .. PrimaryHandlerComparison.SocketsByContent,
                .. PrimaryHandlerComparison.SocketsIgnored]);
        AssertCovered<HttpClientHandler>(
            [.. PrimaryHandlerComparison.Client.Select(p => p.Name), .. PrimaryHandlerComparison.ClientByContent,
                .. PrimaryHandlerComparison.ClientIgnored]);
        AssertCovered<SslClientAuthenticationOptions>(PrimaryHandlerComparison.Tls.Select(p => p.Name));
    }

    private static void AssertCovered<T>(IEnumerable<string> judged) => Assert.Equal(
        typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.SetMethod?.IsPublic == true)
            .Select(p => p.Name)
            .Order(),
        judged.Order());

    private static void AssertOwn(HttpMessageHandler? handler)
    {
        Assert.True(PrimaryHandlerComparison.IsUsersOwn(handler));
    }

    private static void AssertOnlyCookies(HttpMessageHandler handler, CookieContainer jar)
    {
        var comparison = new PrimaryHandlerComparison(null);
        Assert.False(PrimaryHandlerComparison.IsUsersOwn(handler));
        Assert.Same(jar, comparison.GivenCookies(handler));
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }

    private sealed class DerivedHandler : HttpClientHandler;

    private sealed class OtherHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
