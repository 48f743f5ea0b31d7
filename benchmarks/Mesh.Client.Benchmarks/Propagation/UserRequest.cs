using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Benchmarks.Propagation;

/// <summary>A request as it is behind ASP.NET Core's authentication: the handler of bearer tokens has kept the token.</summary>
internal static class UserRequest
{
    public static HttpContext Create(string audience)
    {
        var properties = new AuthenticationProperties();
        properties.StoreTokens([new AuthenticationToken { Name = "access_token", Value = SampleToken.For(audience) }]);
        var result = AuthenticateResult.Success(
            new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity("Bearer")), properties, "Bearer"));
        var context = new DefaultHttpContext();
        context.Features.Set<IAuthenticateResultFeature>(new Authenticated(result));
        return context;
    }

    private sealed class Authenticated(AuthenticateResult result) : IAuthenticateResultFeature
    {
        public AuthenticateResult? AuthenticateResult { get; set; } = result;
    }
}
