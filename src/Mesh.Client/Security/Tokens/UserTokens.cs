namespace Mesh.Client.Security.Tokens;

/// <summary>The token of the user that the call is made for: of the request that is being served, or taken along on purpose.</summary>
internal sealed class UserTokens : ITokenSource
{
    public ValueTask<BearerToken?> GetAsync(in TokenRequest request, CancellationToken cancellationToken) => new(request.Context?.User);
}
