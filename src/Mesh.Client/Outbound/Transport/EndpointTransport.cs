using Mesh.Client.Options;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Transport;

/// <summary>The connections of one endpoint under one policy, opened on first use and shared by all clients of the process, and the
/// translation of a request's URI to the endpoint's. The endpoint replaces it, when the policy changes or the connections seem
/// dead.</summary>
internal sealed class EndpointTransport : IDisposable
{
    // Opening is rare and short: one lock for all endpoints instead of thousands.
    private static readonly Lock Gate = new();

    private RequestAuthority? _spoken;
    private HttpMessageInvoker? _invoker;

    // Created once the endpoint is known to speak HTTP/2. Racing threads may create two, and lose one answer. The next transport takes it
    // over: it knows how often connections were replaced.
    private SilenceWatch? _silence;
    private Addresses? _addresses;
    private bool _disposed;

    public EndpointTransport(EndpointDescription endpoint, TransportSettings settings)
    {
        Endpoint = endpoint;
        Settings = settings;
    }

    public TransportSettings Settings { get; }

    /// <summary>The source's last description. Everything that matters here is equal; keeping an older description alive would only cost
    /// memory.</summary>
    public EndpointDescription Endpoint { get; set; }

    public bool IsSecure => Endpoint.IsSecure;

    public bool IsClosed => Volatile.Read(ref _disposed);

    /// <summary>Connections to the same instance at its TLS port.</summary>
    public EndpointTransport OverTls() => new(Endpoint.OverTls(), Settings);

    /// <summary>Connections of its own to the same endpoint, to be used instead of these.</summary>
    public EndpointTransport Next(TransportSettings settings) => new(Endpoint, settings) { _silence = _silence };

    // Racing threads make equal ones.
    private RequestAuthority Spoken => _spoken ??= RequestAuthority.For(Endpoint, Settings.HostHeader, Settings.TlsName);

    /// <summary>Whether the runtime's handler is known to send on the caller's thread; it does once it has initialized itself. Racing
    /// writers only delay that by a request.</summary>
    public bool SendsInPlace { get; set; }

    public HttpMessageInvoker Invoker => Volatile.Read(ref _invoker) ?? Open();

    /// <summary>The name that certificates must be for, whatever the request; null for the endpoint's own.</summary>
    public string? TlsName => Settings.TlsName;

    /// <summary>The URI for the mesh's own connections, which know where to connect; null when it would leave the endpoint's base
    /// path.</summary>
    public Uri? Address(Uri request) =>
        Spoken is var spoken && spoken.Keeps(request) ? request : Cached(ref Rewriting().Spoken, spoken, request, marked: true);

    /// <summary>The URI for a handler that connects to the host in the URI; null when it would leave the endpoint's base path.</summary>
    public Uri? DirectAddress(Uri request) => Cached(ref Rewriting().Direct, Rewriting().DirectName, request, marked: false);

    /// <summary>The endpoint's own address, for a handler that connects to the host in the URI.</summary>
    public Uri DirectSite => Rewriting().Site;

    /// <summary>The Host header required with <see cref="DirectAddress"/>; the runtime also takes the name for TLS from it.</summary>
    /// <param name="request">The request's own URI.</param>
    /// <param name="roams">Whether the handler may send the request to another host (a redirect) or must name its target (a proxy). The
    /// Host header would go there, too, so it is set only if the endpoint could not be called without.</param>
    /// <returns>Null to use the host of the address.</returns>
    public string? HostFor(Uri request, bool roams)
    {
        var spoken = Spoken.Authority;
        if (!roams || Settings.HostHeader == HostHeader.Service)
        {
            return spoken ?? request.Authority;
        }

        return spoken == Rewriting().DirectName.Authority ? null : spoken;
    }

    /// <summary>Takes the end of an attempt on these connections.</summary>
    /// <param name="request">The request.</param>
    /// <param name="response">Its answer; null for none.</param>
    /// <param name="now">When it ended.</param>
    /// <returns>Whether it is to be judged if they are dead: many requests share them, and this one has no answer.</returns>
    public bool IsSuspect(HttpRequestMessage request, HttpResponseMessage? response, MeshTime now)
    {
        if (response is null)
        {
            return _silence is not null || AsksForHttp2(request);
        }

        if (response.Version.Major >= 2)
        {
            (_silence ??= new SilenceWatch()).Answered(now);
        }

        return false;
    }

    /// <summary>Judges whether they are dead, and are to be replaced. The caller holds the lock that guards which ones the endpoint
    /// uses.</summary>
    /// <param name="start">When the request was sent.</param>
    /// <param name="now">When it ended.</param>
    /// <param name="timedOut">Whether its time was over; false when the caller ended it.</param>
    public bool IsDead(MeshTime start, MeshTime now, bool timedOut) =>
        Volatile.Read(ref _invoker) is not null && (_silence ??= new SilenceWatch()).TryReplace(start, now, timedOut);

    public void Dispose() => Close(forGood: true);

    /// <summary>Closes open connections. Unless that is for good, a later request opens new ones.</summary>
    public void Close(bool forGood)
    {
        HttpMessageInvoker? invoker;
        lock (Gate)
        {
            _disposed |= forGood;
            invoker = _invoker;

            // From here on Open reports that the endpoint is gone; the invoker itself would only report a disposed object.
            Volatile.Write(ref _invoker, null);
        }

        invoker?.Dispose();
    }

    // Without TLS the runtime falls back to HTTP/1.1 where that is allowed.
    private bool AsksForHttp2(HttpRequestMessage request) =>
        request.Version.Major >= 2 && (IsSecure || request.VersionPolicy != HttpVersionPolicy.RequestVersionOrLower);

    // Guards that there is only one pool, and none after it was disposed of.
    private HttpMessageInvoker Open()
    {
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var invoker = _invoker ?? Settings.Create(Endpoint);
            Volatile.Write(ref _invoker, invoker);
            return invoker;
        }
    }

    // Created for endpoints whose requests carry another authority than the caller's URI. Racing threads may create two, and lose the cache
    // of one, which does no harm.
    private Addresses Rewriting() => Volatile.Read(ref _addresses) ?? Begin();

    private Addresses Begin()
    {
        var site = Endpoint.Address;
        var addresses = new Addresses(site, Spoken with { Authority = site.Authority });
        Volatile.Write(ref _addresses, addresses);
        return addresses;
    }

    // Programs often call the same few addresses: the last one is cached, as one object so that its two halves always belong together.
    private static RewrittenUri? Cached(ref RewrittenUri? last, RequestAuthority name, Uri request, bool marked)
    {
        var entry = Volatile.Read(ref last);
        if (entry is not null && (ReferenceEquals(entry.Original, request) || IsSame(entry.Original, request)))
        {
            return entry;
        }

        var result = name.Rewrite(request, marked);
        if (result is not null)
        {
            Volatile.Write(ref last, result);
        }

        return result;
    }

    // Compares scheme and host, too, if another authority is sent: code that finds the result on a message uses the original.
    private static bool IsSame(Uri one, Uri other) =>
        one.PathAndQuery == other.PathAndQuery && one.Host == other.Host && one.Port == other.Port && one.Scheme == other.Scheme;

    private sealed class Addresses(Uri site, RequestAuthority directName)
    {
        public RewrittenUri? Spoken;
        public RewrittenUri? Direct;

        public Uri Site => site;

        public RequestAuthority DirectName => directName;
    }
}
