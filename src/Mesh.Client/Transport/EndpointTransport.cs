namespace Mesh.Client.Transport;

/// <summary>The connections of one endpoint, made on first use and shared by all clients of the process, and how a request's URI becomes the endpoint's.</summary>
internal sealed class EndpointTransport : IDisposable
{
    private readonly Func<HttpMessageInvoker> _create;
    private readonly SpokenName _spoken;
    private readonly SpokenName _direct;
    private readonly bool _speaksService;
    private readonly Lock _gate = new();
    private HttpMessageInvoker? _invoker;
    private Rewritten? _lastSpoken;
    private Rewritten? _lastDirect;
    private bool _disposed;

    public EndpointTransport(EndpointDescription endpoint, HostHeader hostHeader, string? tlsName, Func<HttpMessageInvoker> create)
    {
        _create = create;
        _spoken = SpokenName.For(endpoint, hostHeader, tlsName);
        _direct = _spoken with { Authority = endpoint.Address.Authority };
        _speaksService = hostHeader == HostHeader.Service;
    }

    public bool IsSecure => _spoken.Secure;

    /// <summary>Whether the runtime's handler is known to send on the caller's thread; it does once it has set itself up. Racing writers only make
    /// that known a request later.</summary>
    public bool SendsInPlace { get; set; }

    public HttpMessageInvoker Invoker => Volatile.Read(ref _invoker) ?? Open();

    /// <summary>The URI for our own connections, which know by themselves where to connect.</summary>
    public Uri Address(Uri request) => _spoken.Keeps(request) ? request : Cached(ref _lastSpoken, _spoken, request);

    /// <summary>The URI for a handler that connects to what the URI says.</summary>
    public Uri DirectAddress(Uri request) => Cached(ref _lastDirect, _direct, request);

    /// <summary>What the Host header must say when <see cref="DirectAddress"/> is used; the runtime also takes the name for TLS from it.</summary>
    /// <param name="request">The request's own URI.</param>
    /// <param name="roams">Whether the handler may take the request on to another host (a redirect) or must name its target (a proxy). A Host
    /// header would go there with it, so it is set only where the endpoint could not be called without.</param>
    /// <returns>Null to let the address speak for itself.</returns>
    public string? HostFor(Uri request, bool roams)
    {
        if (!roams || _speaksService)
        {
            return _spoken.Authority ?? request.Authority;
        }

        return _spoken.Authority == _direct.Authority ? null : _spoken.Authority;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            var invoker = _invoker;

            // From here on Open says that the endpoint is gone; the invoker itself would say only that an object is.
            Volatile.Write(ref _invoker, null);
            invoker?.Dispose();
        }
    }

    // Guards that an endpoint has one pool only, and none after it was disposed.
    private HttpMessageInvoker Open()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var invoker = _invoker ?? _create();
            Volatile.Write(ref _invoker, invoker);
            return invoker;
        }
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
}
