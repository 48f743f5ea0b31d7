using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Context;

/// <summary>The user of a request, as the application's authentication has found it.</summary>
internal static class RequestUser
{
    private const string TokenName = "access_token";

    /// <summary>The authentication that gave the request its present user; null if there is none.</summary>
    public static AuthenticateResult? Authenticated(HttpContext request) =>

        // Indexed by Type: the generic method of the interface costs several times as much, for every call.
        (request.Features[typeof(IAuthenticateResultFeature)] as IAuthenticateResultFeature)?.AuthenticateResult
            is { Succeeded: true } result
            ? result
            : null;

    /// <summary>The token that authenticated the request. Never read from the header itself: an unchecked token is not passed on.</summary>
    public static string? AccessToken(AuthenticateResult result) => result.Properties?.GetTokenValue(TokenName);
}
