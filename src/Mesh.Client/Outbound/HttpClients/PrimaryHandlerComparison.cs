using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Runtime.CompilerServices;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Outbound.HttpClients;

/// <summary>Determines whether a client has a primary handler of its own, or settings that the mesh's connections would not have.</summary>
/// <remarks>It compares with a new handler, property by property, since the factory (lifetime of connections) and <c>AddGrpcClient</c> (a
/// new handler with several HTTP/2 connections) set some properties that the user has not chosen. Settings that only size the connection
/// pool, or that the mesh's connections have anyway, do not count.</remarks>
internal sealed class PrimaryHandlerComparison
{
    /// <summary>Properties that make a <see cref="SocketsHttpHandler"/> the user's own.</summary>
    internal static readonly (string Name, Func<SocketsHttpHandler, object?> Read)[] Sockets =
    [
        (nameof(SocketsHttpHandler.AutomaticDecompression), static h => h.AutomaticDecompression),
        (nameof(SocketsHttpHandler.Proxy), static h => h.Proxy),
        (nameof(SocketsHttpHandler.DefaultProxyCredentials), static h => h.DefaultProxyCredentials),
        (nameof(SocketsHttpHandler.PreAuthenticate), static h => h.PreAuthenticate),
        (nameof(SocketsHttpHandler.Credentials), static h => h.Credentials),
        (nameof(SocketsHttpHandler.AllowAutoRedirect), static h => h.AllowAutoRedirect),
        (nameof(SocketsHttpHandler.MaxAutomaticRedirections), static h => h.MaxAutomaticRedirections),
        (nameof(SocketsHttpHandler.MaxConnectionsPerServer), static h => h.MaxConnectionsPerServer),
        (nameof(SocketsHttpHandler.MaxResponseHeadersLength), static h => h.MaxResponseHeadersLength),
        (nameof(SocketsHttpHandler.ConnectTimeout), static h => h.ConnectTimeout),
        (nameof(SocketsHttpHandler.Expect100ContinueTimeout), static h => h.Expect100ContinueTimeout),
        (nameof(SocketsHttpHandler.InitialHttp2StreamWindowSize), static h => h.InitialHttp2StreamWindowSize),
        (nameof(SocketsHttpHandler.KeepAlivePingDelay), static h => h.KeepAlivePingDelay),
        (nameof(SocketsHttpHandler.KeepAlivePingTimeout), static h => h.KeepAlivePingTimeout),
        (nameof(SocketsHttpHandler.KeepAlivePingPolicy), static h => h.KeepAlivePingPolicy),
        (nameof(SocketsHttpHandler.EnableMultipleHttp3Connections), static h => h.EnableMultipleHttp3Connections),
        (nameof(SocketsHttpHandler.ConnectCallback), static h => h.ConnectCallback),
        (nameof(SocketsHttpHandler.PlaintextStreamFilter), static h => h.PlaintextStreamFilter),
        (nameof(SocketsHttpHandler.RequestHeaderEncodingSelector), static h => h.RequestHeaderEncodingSelector),
        (nameof(SocketsHttpHandler.ResponseHeaderEncodingSelector), static h => h.ResponseHeaderEncodingSelector),
        (nameof(SocketsHttpHandler.ActivityHeadersPropagator), static h => PropagatorOf(h)),
    ];

    /// <summary>Compared by <see cref="Tls"/> and by <see cref="HasCookies"/>.</summary>
    internal static readonly string[] SocketsByContent =
    [
        nameof(SocketsHttpHandler.SslOptions),
        nameof(SocketsHttpHandler.CookieContainer),
    ];

    /// <summary>Pool sizes, settings that the mesh's connections have as well (no cookies, no proxy, several HTTP/2 connections), and those
    /// of the factory.</summary>
    internal static readonly string[] SocketsIgnored =
    [
        nameof(SocketsHttpHandler.UseCookies),
        nameof(SocketsHttpHandler.UseProxy),
        nameof(SocketsHttpHandler.PooledConnectionLifetime),
        nameof(SocketsHttpHandler.PooledConnectionIdleTimeout),
        nameof(SocketsHttpHandler.EnableMultipleHttp2Connections),
        nameof(SocketsHttpHandler.MaxResponseDrainSize),
        nameof(SocketsHttpHandler.ResponseDrainTimeout),
        nameof(SocketsHttpHandler.MeterFactory),
    ];

    /// <summary>Properties that make an <see cref="HttpClientHandler"/> the user's own.</summary>
    internal static readonly (string Name, Func<HttpClientHandler, object?> Read)[] Client =
    [
        (nameof(HttpClientHandler.AutomaticDecompression), static h => h.AutomaticDecompression),
        (nameof(HttpClientHandler.Proxy), static h => h.Proxy),
        (nameof(HttpClientHandler.DefaultProxyCredentials), static h => h.DefaultProxyCredentials),
        (nameof(HttpClientHandler.PreAuthenticate), static h => h.PreAuthenticate),
        (nameof(HttpClientHandler.UseDefaultCredentials), static h => h.UseDefaultCredentials),
        (nameof(HttpClientHandler.Credentials), static h => h.Credentials),
        (nameof(HttpClientHandler.AllowAutoRedirect), static h => h.AllowAutoRedirect),
        (nameof(HttpClientHandler.MaxAutomaticRedirections), static h => h.MaxAutomaticRedirections),
        (nameof(HttpClientHandler.MaxConnectionsPerServer), static h => h.MaxConnectionsPerServer),
        (nameof(HttpClientHandler.MaxResponseHeadersLength), static h => h.MaxResponseHeadersLength),
        (nameof(HttpClientHandler.ClientCertificateOptions), static h => h.ClientCertificateOptions),
        (nameof(HttpClientHandler.ServerCertificateCustomValidationCallback), static h => h.ServerCertificateCustomValidationCallback),
        (nameof(HttpClientHandler.CheckCertificateRevocationList), static h => h.CheckCertificateRevocationList),
        (nameof(HttpClientHandler.SslProtocols), static h => h.SslProtocols),
    ];

    internal static readonly string[] ClientByContent = [nameof(HttpClientHandler.CookieContainer)];

    /// <summary>As for sockets; the buffer size has long had no effect.</summary>
    internal static readonly string[] ClientIgnored =
    [
        nameof(HttpClientHandler.UseCookies),
        nameof(HttpClientHandler.UseProxy),
        nameof(HttpClientHandler.MaxRequestContentBufferSize),
        nameof(HttpClientHandler.MeterFactory),
    ];

    /// <summary>Properties that make TLS settings the user's own.</summary>
    internal static readonly (string Name, Func<SslClientAuthenticationOptions, object?> Read)[] Tls =
    [
        (nameof(SslClientAuthenticationOptions.AllowRenegotiation), static o => o.AllowRenegotiation),
        (nameof(SslClientAuthenticationOptions.AllowTlsResume), static o => o.AllowTlsResume),
        (nameof(SslClientAuthenticationOptions.AllowRsaPkcs1Padding), static o => o.AllowRsaPkcs1Padding),
        (nameof(SslClientAuthenticationOptions.AllowRsaPssPadding), static o => o.AllowRsaPssPadding),
        (nameof(SslClientAuthenticationOptions.LocalCertificateSelectionCallback), static o => o.LocalCertificateSelectionCallback),
        (nameof(SslClientAuthenticationOptions.RemoteCertificateValidationCallback), static o => o.RemoteCertificateValidationCallback),
        (nameof(SslClientAuthenticationOptions.ApplicationProtocols), static o => o.ApplicationProtocols?.Count ?? 0),
        (nameof(SslClientAuthenticationOptions.TargetHost), static o => o.TargetHost),
        (nameof(SslClientAuthenticationOptions.ClientCertificates), static o => o.ClientCertificates?.Count ?? 0),
        (nameof(SslClientAuthenticationOptions.ClientCertificateContext), static o => o.ClientCertificateContext),
        (nameof(SslClientAuthenticationOptions.CertificateRevocationCheckMode), static o => o.CertificateRevocationCheckMode),
        (nameof(SslClientAuthenticationOptions.EncryptionPolicy), static o => o.EncryptionPolicy),
        (nameof(SslClientAuthenticationOptions.EnabledSslProtocols), static o => o.EnabledSslProtocols),
        (nameof(SslClientAuthenticationOptions.CipherSuitesPolicy), static o => o.CipherSuitesPolicy),
        (nameof(SslClientAuthenticationOptions.CertificateChainPolicy), static o => o.CertificateChainPolicy),
    ];

    /// <summary>The cookies of each handler when it was first examined.</summary>
    private static readonly ConditionalWeakTable<HttpMessageHandler, SeenCookies> Cookies = [];

    private readonly HttpMessageHandler? _before;
    private readonly CookieContainer? _cookiesBefore;

    /// <param name="before">The primary handler before configuration.</param>
    public PrimaryHandlerComparison(HttpMessageHandler? before)
    {
        _before = before;
        _cookiesBefore = CookiesOf(before);
    }

    /// <param name="after">The primary handler after configuration.</param>
    public static bool IsUsersOwn(HttpMessageHandler? after)
    {
        // Exactly these two types: a derived class, or any other handler, was written for a purpose.
        if (after is SocketsHttpHandler sockets)
        {
            using var fresh = new SocketsHttpHandler();
            return Differ(Sockets, sockets, fresh) || Differ(Tls, sockets.SslOptions, fresh.SslOptions);
        }

        if (after is HttpClientHandler client && client.GetType() == typeof(HttpClientHandler))
        {
            using var fresh = new HttpClientHandler();
            return Differ(Client, client, fresh)
                || (client.ClientCertificateOptions == ClientCertificateOption.Manual && client.ClientCertificates.Count > 0);
        }

        return true;
    }

    /// <summary>The container that the user gave the handler, or has put cookies into; null for one that the runtime made.</summary>
    /// <param name="after">The primary handler after configuration.</param>
    public CookieContainer? GivenCookies(HttpMessageHandler? after) =>
        after is not null && HasCookies(after) ? CookiesOf(after) : null;

    /// <summary>The mesh's own change to a handler that several clients share is not a setting of the user.</summary>
    private static DistributedContextPropagator? PropagatorOf(SocketsHttpHandler handler) =>
        handler.ActivityHeadersPropagator is AttemptPropagator ? DistributedContextPropagator.Current : handler.ActivityHeadersPropagator;

    private static bool Differ<T>((string Name, Func<T, object?> Read)[] properties, T value, T fresh)
    {
        foreach (var (_, read) in properties)
        {
            if (!Equals(read(value), read(fresh)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Checked once for each handler: reading the container creates one, and a handler in use fills it, so that a second client
    /// with the same handler would find the cookies of the first.</summary>
    private bool HasCookies(HttpMessageHandler after)
    {
        var seen = Cookies.GetValue(after, handler => new SeenCookies(ReadCookies(handler), CookiesOf(handler)));
        return seen.Had || !ReferenceEquals(seen.Container, CookiesOf(after));
    }

    private bool ReadCookies(HttpMessageHandler after)
    {
        var isGiven = CookieJar.IsGiven(after);
        var cookies = CookiesOf(after);
        return cookies is not null
            && (cookies.Count > 0
                || (ReferenceEquals(after, _before) ? !ReferenceEquals(cookies, _cookiesBefore) : isGiven)
                || cookies.Capacity != CookieContainer.DefaultCookieLimit
                || cookies.PerDomainCapacity != CookieContainer.DefaultPerDomainCookieLimit
                || cookies.MaxCookieSize != CookieContainer.DefaultCookieLengthLimit);
    }

    private static CookieContainer? CookiesOf(HttpMessageHandler? handler) => handler switch
    {
        SocketsHttpHandler { UseCookies: true } sockets => sockets.CookieContainer,
        HttpClientHandler { UseCookies: true } client => client.CookieContainer,
        _ => null,
    };

    private sealed record SeenCookies(bool Had, CookieContainer? Container);
}
