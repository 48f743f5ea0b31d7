using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Security.Tokens;

/// <summary>The user of a request, as the application's authentication has found it.</summary>
internal static class RequestUser
{
    private const string TokenName = "access_token";

    /// <summary>The token that authenticated the request. Never read from the header itself: what nobody has checked is not passed on.</summary>
    public static string? AccessToken(HttpContext request) =>
        request.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult is { Succeeded: true, Properties: { } properties }
            ? properties.GetTokenValue(TokenName)
            : null;
}
