namespace Mesh.Client.Security.Tokens;

/// <summary>The token of the call's user: that of the request that is being served, or one that background work was given.</summary>
internal sealed class UserTokens : ITokenSource
{
    public ValueTask<BearerToken?> GetAsync(TokenRequest request, CancellationToken cancellationToken) => new(request.Context?.User);
}
