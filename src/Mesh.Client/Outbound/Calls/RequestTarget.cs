using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Points a request at an endpoint and restores it after the attempt, so that retries, handlers above and the user see the
/// original request.</summary>
internal readonly struct RequestTarget
{
    private readonly HttpRequestMessage? _request;
    private readonly Uri? _original;
    private readonly string? _host;
    private readonly bool _hostSet;

    private readonly Uri? _target;

    // Changed by a user's handler that follows redirects; null for the mesh's own transport, which follows none.
    private readonly HttpMethod? _method;
    private readonly string? _authorization;
    private readonly bool _roams;

    private RequestTarget(Attempt attempt, Uri original, Uri target, string? host, bool hostSet)
    {
        var call = attempt.Call;
        _request = attempt.Request;
        _original = original;
        _host = host;
        _hostSet = hostSet;
        _target = target;
        if (call.Primary.IsOwn)
        {
            _method = attempt.Request.Method;
            _roams = attempt.MayRoam;
            _authorization = AuthorizationOf(attempt.Request);
        }
    }

    /// <summary>Whether the user's own handler has followed a redirect to another host: the endpoint has answered, and the rest does not
    /// concern it.</summary>
    /// <param name="response">The handler's response; null if it failed.</param>
    public bool WasLeft(HttpResponseMessage? response) =>
        _target is not null
        && (IsElsewhere(_request!)
            || (response?.RequestMessage is { } answered && !ReferenceEquals(answered, _request) && IsElsewhere(answered)));

    /// <summary>Whether the request still has the address that it was sent to: its handler has followed no redirect, not even to the same
    /// endpoint.</summary>
    public bool IsKept => _target is null || ReferenceEquals(_request!.RequestUri, _target);

    /// <summary>Where the answer came from, if the user's own handler has moved on from the endpoint's address: on the endpoint the
    /// service's URI, elsewhere the address there. Null if it has not moved.</summary>
    public Uri? MovedTo(Endpoint endpoint)
    {
        if (_method is null || IsKept || _request!.RequestUri is not { IsAbsoluteUri: true } last)
        {
            return null;
        }

        var pathBase = endpoint.Description.PathBase;
        if (!IsSameSite(last, _target!)
            || RedirectFollower.PathBelow(pathBase, last.PathAndQuery) is not { } path
            || (pathBase.Length > 0 && DotSegments.Climb(path)))
        {
            return last;
        }

        // A fragment is not sent; it stays if the new address has none (RFC 9110, 10.2.2).
        var fragment = last.Fragment.Length > 0 ? last.Fragment : _original!.Fragment;
        return new Uri($"{_original!.Scheme}://{_original.Authority}{path}{fragment}", UriKind.Absolute);
    }

    /// <summary>Tells the caller where the answer came from, as HttpClient does. Only at the end: a further attempt starts from the
    /// original.</summary>
    public static void Show(Call call)
    {
        if (call is not { AnsweredAt: { } address, Last.Response: not null })
        {
            return;
        }

        try
        {
            call.Request.RequestUri = address;
        }
        catch (ObjectDisposedException)
        {
            // The owner has disposed of it meanwhile, and cannot be told.
        }
    }

    /// <exception cref="CallRejectedException">The path leads out of the endpoint's base path.</exception>
    public static RequestTarget Apply(Attempt attempt)
    {
        var (call, endpoint) = (attempt.Call, attempt.Endpoint);
        var transport = attempt.Connect();
        var request = attempt.Request;
        var current = request.RequestUri!;

        var original = call.Address;
        var own = call.Primary.IsOwn;
        var target = (own ? transport.DirectAddress(original) : transport.Address(original))
            ?? throw CallErrors.LeavesBasePath(call, endpoint);
        if (ReferenceEquals(target, current) && !own)
        {
            return default;
        }

        var hostSet = false;
        var users = request.Headers.Host;
        if (users is not null && transport.TlsName is not null)
        {
            // The runtime checks the certificate against the Host header: if a name is required, no request may choose another.
            request.Headers.Host = null;
            hostSet = true;
        }

        if (own && request.Headers.Host is null && transport.HostFor(original, attempt.MayRoam) is { } host)
        {
            request.Headers.Host = host;
            hostSet = true;
        }

        request.RequestUri = target;
        return new RequestTarget(attempt, original, target, users, hostSet);
    }

    /// <summary>Must not throw: the attempt is completed after it.</summary>
    /// <param name="request">The request of the attempt, or a copy that another call sends.</param>
    public void Restore(HttpRequestMessage request)
    {
        if (_request is null)
        {
            return;
        }

        try
        {
            if (IsOurs(request))
            {
                request.RequestUri = _original;
            }

            if (_method is not null && request.Method != _method)
            {
                // A redirect changed it to GET; a further attempt must not send that.
                request.Method = _method;
            }
        }
        catch (ObjectDisposedException)
        {
            // The owner has disposed of it meanwhile, so there is nothing to restore.
        }

        if (_hostSet)
        {
            request.Headers.Host = _host;
        }

        if (_authorization is not null && !request.Headers.NonValidated.Contains(AuthorizationSyntax.Header))
        {
            // Redirects remove it.
#pragma warning disable RS0030
            request.Headers.TryAddWithoutValidation(AuthorizationSyntax.Header, _authorization);
#pragma warning restore RS0030
        }
    }

    /// <summary>Whether the address of the request was set by the attempt, or by the user's primary handler during it: another path, or a
    /// redirect. Otherwise a handler above has set it meanwhile, to send the message there.</summary>
    private bool IsOurs(HttpRequestMessage request)
    {
        var last = request.RequestUri;
        return ReferenceEquals(last, _target)
            || (_method is not null
                && ((_roams && ReferenceEquals(request, _request)) || last is not { IsAbsoluteUri: true } || IsSameSite(last, _target!)));
    }

    // A handler may also rewrite paths and queries on the way to the endpoint, or keep a request of an earlier attempt, which has the
    // user's address again.
    private bool IsElsewhere(HttpRequestMessage request) =>
        request.RequestUri is { IsAbsoluteUri: true } last
        && !ReferenceEquals(last, _target)
        && !IsSameSite(last, _target!)
        && (ReferenceEquals(request, _request) || !IsSameSite(last, _original!));

    private static bool IsSameSite(Uri one, Uri other) =>
        Uri.Compare(one, other, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0;

    private static string? AuthorizationOf(HttpRequestMessage request) =>
        request.Headers.NonValidated is { Count: > 0 } headers && headers.TryGetValues(AuthorizationSyntax.Header, out var values)
            ? values.ToString()
            : null;
}
