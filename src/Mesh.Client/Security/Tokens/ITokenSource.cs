namespace Mesh.Client;

/// <summary>Supplies the tokens that calls carry. The built-in source has the token of the user of the current request.</summary>
/// <remarks>
/// Register another one to take the user's token from elsewhere. Its tokens get the same checks: audience, expiry, size and transport. It
/// is called for each attempt, so it should cache its tokens.
/// </remarks>
public interface ITokenSource
{
    /// <summary>The token for one attempt.</summary>
    /// <param name="request">What it is for.</param>
    /// <param name="cancellationToken">Cancelled when the caller gives up. The mesh does not
    /// wait for it beyond the time of the call.</param>
    /// <returns>The token; null where there is no user. Then <see cref="CredentialsOptions.OnMissingUser"/> decides.</returns>
    /// <exception cref="TokenException">There is a user, but no token for this service can be had.</exception>
    ValueTask<BearerToken?> GetAsync(in TokenRequest request, CancellationToken cancellationToken);
}
