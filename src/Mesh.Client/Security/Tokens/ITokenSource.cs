namespace Mesh.Client;

/// <summary>Where the tokens come from that calls carry. The built-in one has the token of the user of the request that is being served.</summary>
/// <remarks>
/// Register another one to take the user's token from elsewhere. What it returns is checked as any token is: audience, expiry, size and transport. It is
/// asked for each attempt, so it should have its tokens at hand.
/// </remarks>
public interface ITokenSource
{
    /// <summary>The token for one attempt.</summary>
    /// <param name="request">What it is for.</param>
    /// <param name="cancellationToken">Cancelled when the caller gives up. When the time of the call is over, it is not waited for any longer.</param>
    /// <returns>The token; null where there is no user. Then <see cref="CredentialsOptions.OnMissingUser"/> decides.</returns>
    /// <exception cref="TokenException">There is a user, but no token for this service can be had.</exception>
    ValueTask<BearerToken?> GetAsync(in TokenRequest request, CancellationToken cancellationToken);
}
