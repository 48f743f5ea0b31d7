using System.Security.Claims;
using Mesh.Client.Context;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Tests.Context;

public class ContextHolderTests
{
    [Fact]
    public void User_that_changes_within_the_request_takes_the_token_of_the_first_away()
    {
        var request = new DefaultHttpContext();
        var feature = new Authentication();
        request.Features.Set<IAuthenticateResultFeature>(feature);
        var holder = ContextHolder.Enter(new CallContext(clock: null), request);
        Assert.Null(holder.User);

        feature.AuthenticateResult = Authenticated("alice");
        var alice = holder.User;
        Assert.NotNull(alice);
        Assert.Same(alice, holder.User);

        // A policy that names its schemes authenticates anew, and keeps no token.
        feature.AuthenticateResult = Authenticated(null);
        Assert.Null(holder.User);
        feature.AuthenticateResult = Authenticated("bob");
        Assert.NotSame(alice, holder.User);
        Assert.NotNull(holder.User);
        feature.AuthenticateResult = null;
        Assert.Null(holder.User);

        feature.AuthenticateResult = Authenticated("carol");
        holder.End();
        Assert.Null(holder.User);
    }

    private static AuthenticateResult Authenticated(string? token)
    {
        var properties = new AuthenticationProperties();
        if (token is not null)
        {
            properties.StoreTokens([new AuthenticationToken { Name = "access_token", Value = token }]);
        }

        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity("test")), properties, "test"));
    }

    private sealed class Authentication : IAuthenticateResultFeature
    {
        public AuthenticateResult? AuthenticateResult { get; set; }
    }
}
