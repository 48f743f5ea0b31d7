namespace Mesh.Client;

/// <summary>Why a call has no token that may be sent.</summary>
public enum TokenFailure
{
    /// <summary>There is no user: background work, a request without authentication, or one with a token that was not kept.</summary>
    NoUser,

    /// <summary>The token was not issued for the service.</summary>
    WrongAudience,

    /// <summary>The token has expired, or is about to.</summary>
    Expired,

    /// <summary>The token, or all that the mesh adds to the request, is too large.</summary>
    TooLarge,

    /// <summary>The endpoint does not speak TLS.</summary>
    InsecureTransport,

    /// <summary>The token is not a JSON Web Token that shows its audience and expiry.</summary>
    NotReadable,

    /// <summary>The client's own primary handler follows redirects or uses a proxy, and would send the token there.</summary>
    RedirectingHandler,

    /// <summary>An <see cref="ITokenSource"/> of the application failed, or took too long.</summary>
    SourceFailed,
}
