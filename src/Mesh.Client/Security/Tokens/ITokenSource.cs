using Mesh.Client.Options;

namespace Mesh.Client;

/// <summary>Supplies the tokens that calls carry. The built-in source supplies the token of the current request's user.</summary>
/// <remarks>
/// Register another one to get the user's token from elsewhere. Its tokens get the same checks: audience, expiry, size and transport. It is
/// called for each attempt, so it should cache its tokens.
/// </remarks>
public interface ITokenSource
{
    /// <summary>Gets the token for one attempt.</summary>
    /// <param name="request">The call that needs it.</param>
    /// <param name="cancellationToken">Cancelled when the caller gives up. The mesh does not wait for the source beyond the time of the
    /// call.</param>
    /// <returns>The token; null if there is no user. Then <see cref="CredentialsOptions.MissingUser"/> decides.</returns>
    /// <exception cref="TokenException">There is a user, but no token for this service is available.</exception>
    ValueTask<BearerToken?> GetAsync(TokenRequest request, CancellationToken cancellationToken);
}
