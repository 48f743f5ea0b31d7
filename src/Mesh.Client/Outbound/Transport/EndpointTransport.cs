using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Transport;

/// <summary>The connections of one endpoint, made on first use and shared by all clients of the process, and how a request's URI becomes
/// the endpoint's.</summary>
internal sealed class EndpointTransport : IDisposable
{
    /// <summary>Longer than any call may stand between reading <see cref="Invoker"/> and sending.</summary>
    private static readonly TimeSpan CloseDelay = TimeSpan.FromSeconds(5);

    // Opening is rare and short: one lock for all endpoints instead of one for each of thousands.
    private static readonly Lock Gate = new();

    private readonly TransportSettings _settings;
    private RequestAuthority? _spoken;
    private HttpMessageInvoker? _invoker;

    // Made once the endpoint is known to speak HTTP/2. Racing threads may make two, and forget one answer.
    private SilenceWatch? _silence;

    // What was replaced and is still to be closed. Guarded by Gate.
    private List<HttpMessageInvoker>? _replaced;
    private Addresses? _addresses;
    private bool _disposed;

    public EndpointTransport(EndpointDescription endpoint, TransportSettings settings)
    {
        Endpoint = endpoint;
        _settings = settings;
    }

    /// <summary>What the source said last. All that matters here stays the same; an older
    /// description would be kept alive for nothing.</summary>
    public EndpointDescription Endpoint { get; set; }

    public bool IsSecure => Endpoint.IsSecure;

    public bool IsClosed => Volatile.Read(ref _disposed);

    /// <summary>Connections to the same instance at its further port, which speaks TLS.</summary>
    public EndpointTransport OverTls() => new(Endpoint.OverTls(), _settings);

    // Racing threads make equal ones.
    private RequestAuthority Spoken => _spoken ??= RequestAuthority.For(Endpoint, _settings.HostHeader, _settings.TlsName);

    /// <summary>Whether the runtime's handler is known to send on the caller's thread; it does once it has set itself up. Racing writers
    /// only make that known a request later.</summary>
    public bool SendsInPlace { get; set; }

    public HttpMessageInvoker Invoker => Volatile.Read(ref _invoker) ?? Open();

    /// <summary>The name that certificates must be for, whatever a request says; null for the endpoint's own.</summary>
    public string? TlsName => _settings.TlsName;

    /// <summary>The URI for our own connections, which know by themselves where to connect; null when it would leave the endpoint's base
    /// path.</summary>
    public Uri? Address(Uri request) =>
        Spoken is var spoken && spoken.Keeps(request) ? request : Cached(ref Rewriting().Spoken, spoken, request, marked: true);

    /// <summary>The URI for a handler that connects to what the URI says; null when it would leave the endpoint's base path.</summary>
    public Uri? DirectAddress(Uri request) => Cached(ref Rewriting().Direct, Rewriting().DirectName, request, marked: false);

    /// <summary>The endpoint's own address: where a handler that connects to what the URI says would go.</summary>
    public Uri DirectSite => Rewriting().Site;

    /// <summary>What the Host header must say when <see cref="DirectAddress"/> is used; the runtime
    /// also takes the name for TLS from it.</summary>
    /// <param name="request">The request's own URI.</param>
    /// <param name="roams">Whether the handler may take the request on to another host (a redirect) or must name its target (a proxy). A
    /// Host header would go there with it, so it is set only where the endpoint could not be called without.</param>
    /// <returns>Null to let the address speak for itself.</returns>
    public string? HostFor(Uri request, bool roams)
    {
        var spoken = Spoken.Authority;
        if (!roams || _settings.HostHeader == HostHeader.Service)
        {
            return spoken ?? request.Authority;
        }

        return spoken == Rewriting().DirectName.Authority ? null : spoken;
    }

    /// <summary>Takes how an attempt on these connections has ended. Connections that many requests share are replaced when they seem dead:
    /// what comes next opens new ones, what is under way goes on, and the old ones close when it has ended.</summary>
    /// <param name="request">The request.</param>
    /// <param name="response">Its answer; null for none.</param>
    /// <param name="start">When it was sent.</param>
    /// <param name="now">When it ended.</param>
    /// <param name="timedOut">Whether its time was over; false when its caller ended it.</param>
    public void Observe(HttpRequestMessage request, HttpResponseMessage? response, MeshTime start, MeshTime now, bool timedOut)
    {
        if (response is not null)
        {
            if (response.Version.Major >= 2)
            {
                (_silence ??= new SilenceWatch()).Answered(now);
            }
        }
        else if (_silence is not null || AsksForHttp2(request))
        {
            Judge(_silence ??= new SilenceWatch(), start, now, timedOut);
        }
    }

    public void Dispose() => Close(forGood: true);

    /// <summary>Closes what is open. Where that is not for good, a later request opens it again.</summary>
    public void Close(bool forGood)
    {
        HttpMessageInvoker? invoker;
        List<HttpMessageInvoker>? replaced;
        lock (Gate)
        {
            _disposed |= forGood;
            invoker = _invoker;

            // From here on Open says that the endpoint is gone; the invoker itself would say only that an object is.
            Volatile.Write(ref _invoker, null);
            (replaced, _replaced) = (_replaced, null);
        }

        invoker?.Dispose();
        replaced?.ForEach(static old => old.Dispose());
    }

    // Without TLS the runtime falls back to HTTP/1.1 where that is allowed.
    private bool AsksForHttp2(HttpRequestMessage request) =>
        request.Version.Major >= 2 && (IsSecure || request.VersionPolicy != HttpVersionPolicy.RequestVersionOrLower);

    private void Judge(SilenceWatch silence, MeshTime start, MeshTime now, bool timedOut)
    {
        lock (Gate)
        {
            if (_disposed || _invoker is not { } old || !silence.TryReplace(start, now, timedOut))
            {
                return;
            }

            Volatile.Write(ref _invoker, null);
            SendsInPlace = false;
            (_replaced ??= []).Add(old);
            CloseLater(old);
        }

        _settings.Replaced?.Invoke(Endpoint);
    }

    // Closing leaves to its end what is under way, but a request that is only about to be sent would find it closed.
    private void CloseLater(HttpMessageInvoker old)
    {
        ITimer? timer = null;
        timer = _settings.Time.CreateUnboundTimer(
            _ =>
            {
                timer!.Dispose();
                Close(old);
            },
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        timer.Change(CloseDelay, Timeout.InfiniteTimeSpan);
    }

    private void Close(HttpMessageInvoker old)
    {
        lock (Gate)
        {
            if (_replaced?.Remove(old) != true)
            {
                return;
            }
        }

        old.Dispose();
    }

    // Guards that an endpoint has one pool only, and none after it was disposed.
    private HttpMessageInvoker Open()
    {
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var invoker = _invoker ?? _settings.Create(Endpoint);
            Volatile.Write(ref _invoker, invoker);
            return invoker;
        }
    }

    // Made for endpoints whose requests say something else than the caller's URI. Racing threads may make
    // two, and forget what one of them knew: no harm.
    private Addresses Rewriting() => Volatile.Read(ref _addresses) ?? Begin();

    private Addresses Begin()
    {
        var site = Endpoint.Address;
        var addresses = new Addresses(site, Spoken with { Authority = site.Authority });
        Volatile.Write(ref _addresses, addresses);
        return addresses;
    }

    // Programs call few addresses often: the last one is remembered, as one object so that its two halves always belong together.
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

    // Scheme and host too, where another name is spoken: who finds the result on a message goes by the original.
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
