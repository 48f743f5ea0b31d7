namespace Mesh.Client.Transport;

/// <summary>The connections of one endpoint, made on first use and shared by all clients of the process, and how a request's URI becomes the endpoint's.</summary>
internal sealed class EndpointTransport : IDisposable
{
    // Opening is rare and short: one lock for all endpoints instead of one for each of thousands.
    private static readonly Lock Gate = new();

    private readonly TransportSettings _settings;
    private SpokenName? _spoken;
    private HttpMessageInvoker? _invoker;
    private Addresses? _addresses;
    private bool _disposed;

    public EndpointTransport(EndpointDescription endpoint, TransportSettings settings)
    {
        Endpoint = endpoint;
        _settings = settings;
    }

    /// <summary>What the source said last. All that matters here stays the same; an older description would be kept alive for nothing.</summary>
    public EndpointDescription Endpoint { get; set; }

    public bool IsSecure => Endpoint.IsSecure;

    public bool IsClosed => Volatile.Read(ref _disposed);

    /// <summary>Connections to the same instance at its further port, which speaks TLS.</summary>
    public EndpointTransport OverTls() => new(Endpoint.OverTls(), _settings);

    // Racing threads make equal ones.
    private SpokenName Spoken => _spoken ??= SpokenName.For(Endpoint, _settings.HostHeader, _settings.TlsName);

    /// <summary>Whether the runtime's handler is known to send on the caller's thread; it does once it has set itself up. Racing writers only make
    /// that known a request later.</summary>
    public bool SendsInPlace { get; set; }

    public HttpMessageInvoker Invoker => Volatile.Read(ref _invoker) ?? Open();

    /// <summary>The URI for our own connections, which know by themselves where to connect.</summary>
    public Uri Address(Uri request) => Spoken is var spoken && spoken.Keeps(request) ? request : Cached(ref Rewriting().Spoken, spoken, request);

    /// <summary>The URI for a handler that connects to what the URI says.</summary>
    public Uri DirectAddress(Uri request) => Cached(ref Rewriting().Direct, Rewriting().DirectName, request);

    /// <summary>What the Host header must say when <see cref="DirectAddress"/> is used; the runtime also takes the name for TLS from it.</summary>
    /// <param name="request">The request's own URI.</param>
    /// <param name="roams">Whether the handler may take the request on to another host (a redirect) or must name its target (a proxy). A Host
    /// header would go there with it, so it is set only where the endpoint could not be called without.</param>
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

    public void Dispose()
    {
        HttpMessageInvoker? invoker;
        lock (Gate)
        {
            _disposed = true;
            invoker = _invoker;

            // From here on Open says that the endpoint is gone; the invoker itself would say only that an object is.
            Volatile.Write(ref _invoker, null);
        }

        invoker?.Dispose();
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

    // Made for endpoints whose requests say something else than the caller's URI. Racing threads may make two, and forget what one of them knew: no harm.
    private Addresses Rewriting() => Volatile.Read(ref _addresses) ?? Begin();

    private Addresses Begin()
    {
        var addresses = new Addresses(Spoken with { Authority = Endpoint.Address.Authority });
        Volatile.Write(ref _addresses, addresses);
        return addresses;
    }

    // Programs call few addresses often: the last one is remembered, as one object so that its two halves always belong together.
    private static Uri Cached(ref Rewritten? last, SpokenName name, Uri request)
    {
        var entry = Volatile.Read(ref last);
        if (entry is not null
            && (ReferenceEquals(entry.Original, request)
                || (entry.Original.PathAndQuery == request.PathAndQuery && (name.Authority is not null || entry.Original.Authority == request.Authority))))
        {
            return entry.Result;
        }

        var result = name.Rewrite(request);
        Volatile.Write(ref last, new Rewritten(request, result));
        return result;
    }

    private sealed record Rewritten(Uri Original, Uri Result);

    private sealed class Addresses(SpokenName directName)
    {
        public Rewritten? Spoken;
        public Rewritten? Direct;

        public SpokenName DirectName => directName;
    }
}
