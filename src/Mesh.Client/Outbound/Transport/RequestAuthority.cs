using Mesh.Client.Options;

namespace Mesh.Client.Outbound.Transport;

/// <summary>The scheme, authority and base path that a request to an endpoint carries; they are independent of the address that is
/// connected to.</summary>
/// <param name="Secure">Whether the endpoint speaks TLS.</param>
/// <param name="Authority">Host and port to send; null keeps those of the request.</param>
/// <param name="PathBase">Prefix of the path, without a trailing slash; empty for none.</param>
internal sealed record RequestAuthority(bool Secure, string? Authority, string PathBase)
{
    private static readonly UriCreationOptions AsIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Plain HTTP with the request's own authority, as for most endpoints of a registry.</summary>
    private static readonly RequestAuthority AsRequested = new(Secure: false, Authority: null, PathBase: string.Empty);

    /// <param name="endpoint">The endpoint.</param>
    /// <param name="hostHeader">Which host to send.</param>
    /// <param name="tlsName">The name that the service's certificates must be for; null for the endpoint's own.</param>
    public static RequestAuthority For(EndpointDescription endpoint, HostHeader hostHeader, string? tlsName)
    {
        var secure = endpoint.IsSecure;
        if (endpoint.GivenAddress is null && !secure && endpoint.Host is null && hostHeader != HostHeader.Endpoint)
        {
            return AsRequested;
        }

        var address = endpoint.SpokenAddress ?? endpoint.Address;
        var certified = secure ? tlsName ?? endpoint.TlsName : null;
        var host = certified is { Length: > 0 } ? certified : address.Host;
        var own = address.IsDefaultPort ? host : $"{host}:{address.Port}";
        var authority = hostHeader switch
        {
            HostHeader.Service => null,
            HostHeader.Endpoint => own,
            // Over TLS the certificate is checked against the name that the source declares; over plain HTTP an instance of a registry, or
            // an endpoint given by address, uses the service's name.
            _ when endpoint.Host is { } given && certified is not { Length: > 0 } => given,
            _ => secure ? own : null,
        };
        return new RequestAuthority(secure, authority, address.AbsolutePath.TrimEnd('/'));
    }

    /// <summary>Whether a request with this URI is sent unchanged.</summary>
    public bool Keeps(Uri request) =>
        Authority is null && PathBase.Length == 0 && request.Scheme == (Secure ? Uri.UriSchemeHttps : Uri.UriSchemeHttp);

    /// <param name="request">The caller's URI.</param>
    /// <param name="marked">Whether to mark the result as in use: not if user code gets it.</param>
    /// <returns>Null when the path would lead out of the base path.</returns>
    public RewrittenUri? Rewrite(Uri request, bool marked)
    {
        var path = request.PathAndQuery;
        if (PathBase.Length > 0 && DotSegments.Climb(path))
        {
            return null;
        }

        // Path and query stay as they are, canonical or not: a signature may cover them. Only a URI that is not canonical may have no path.
        var slash = path.StartsWith('/') ? string.Empty : "/";
        var spoken = PathBase + slash + path;
        var text = $"{(Secure ? Uri.UriSchemeHttps : Uri.UriSchemeHttp)}://{Authority ?? request.Authority}{spoken}";
        var canonical = new RewrittenUri(text, request, marked);

        // The other form does not support GetComponents (it throws), which handlers of the user may call: it is used only where needed.
        return canonical.PathAndQuery == spoken ? canonical : new RewrittenUri(text, request, marked, AsIs);
    }
}
