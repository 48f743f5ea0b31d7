namespace Mesh.Client.Outbound.Transport;

/// <summary>Where to connect is one thing, what to say another: the scheme, authority and base path
/// that a request to an endpoint carries.</summary>
/// <param name="Secure">Whether the endpoint speaks TLS.</param>
/// <param name="Authority">Host and port to say; null keeps those of the request.</param>
/// <param name="PathBase">Put before the path, without a trailing slash; empty for none.</param>
internal sealed record RequestAuthority(bool Secure, string? Authority, string PathBase)
{
    private static readonly UriCreationOptions AsIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Plain HTTP as the request says it: what most endpoints of a registry have.</summary>
    private static readonly RequestAuthority AsRequested = new(Secure: false, Authority: null, PathBase: string.Empty);

    /// <param name="endpoint">The endpoint.</param>
    /// <param name="hostHeader">Which host to send.</param>
    /// <param name="tlsName">The name that the service's certificates must be for; null for the endpoint's own.</param>
    public static RequestAuthority For(EndpointDescription endpoint, HostHeader hostHeader, string? tlsName)
    {
        var secure = endpoint.IsSecure;
        if (endpoint.GivenAddress is null && !secure && !endpoint.SpeaksOwnName && hostHeader != HostHeader.Endpoint)
        {
            return AsRequested;
        }

        var address = endpoint.SpokenAddress ?? endpoint.Address;
        var host = secure && (tlsName ?? endpoint.TlsName) is { Length: > 0 } name ? name : address.Host;
        var own = address.IsDefaultPort ? host : $"{host}:{address.Port}";
        var authority = hostHeader switch
        {
            HostHeader.Service => null,
            HostHeader.Endpoint => own,
            // On TLS the certificate is checked against the name that the source declares; on plain HTTP a registry's instance, or one
            // given by address, stands for the service.
            _ => secure || endpoint.SpeaksOwnName ? own : null,
        };
        return new RequestAuthority(secure, authority, address.AbsolutePath.TrimEnd('/'));
    }

    /// <summary>Whether a request with this URI goes out as it is.</summary>
    public bool Keeps(Uri request) =>
        Authority is null && PathBase.Length == 0 && request.Scheme == (Secure ? Uri.UriSchemeHttps : Uri.UriSchemeHttp);

    /// <param name="request">What the caller asked for.</param>
    /// <param name="marked">Whether the result is to be marked as on its way: not where code of the user's gets it.</param>
    /// <returns>Null when the path would lead out of the base path.</returns>
    public RewrittenUri? Rewrite(Uri request, bool marked)
    {
        var path = request.PathAndQuery;
        if (PathBase.Length > 0 && DotSegments.Climb(path))
        {
            return null;
        }

        // Path and query are as they must go out, canonical or not: a signature may be over them. Only
        // a URI that is not canonical may have no path.
        var slash = path.StartsWith('/') ? string.Empty : "/";
        var spoken = PathBase + slash + path;
        var text = $"{(Secure ? Uri.UriSchemeHttps : Uri.UriSchemeHttp)}://{Authority ?? request.Authority}{spoken}";
        var canonical = new RewrittenUri(text, request, marked);

        // The other form cannot be taken apart (GetComponents throws), which handlers of the user's may do: only what needs it has it.
        return canonical.PathAndQuery == spoken ? canonical : new RewrittenUri(text, request, marked, AsIs);
    }
}
