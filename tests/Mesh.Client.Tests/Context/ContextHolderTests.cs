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

    /// <summary>The server uses the objects of a request for the next one, and may do so while the user is being read.</summary>
    [Fact]
    public void User_read_while_the_request_ends_is_not_the_next_requests()
    {
        var request = new DefaultHttpContext();
        var feature = new Ending();
        request.Features.Set<IAuthenticateResultFeature>(feature);
        var holder = ContextHolder.Enter(new CallContext(clock: null), request);
        feature.Read = () =>
        {
            holder.End();
            return Authenticated("bob");
        };

        Assert.Null(holder.User);
        Assert.Equal(1, feature.Times);
    }

    [Fact]
    public void NoteDeadlineSpent_inside_tells_the_request()
    {
        var holder = ContextHolder.Enter(new CallContext(clock: null), new DefaultHttpContext());
        using (MeshContext.Begin(new MeshContextValues()))
        {
            Assert.NotNull(ContextHolder.Read(out var inner));
            Assert.NotSame(holder, inner);
            Assert.False(holder.IsDeadlineSpent);
            inner!.NoteDeadlineSpent();
        }

        Assert.True(holder.IsDeadlineSpent);
        holder.End();
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

    private sealed class Ending : IAuthenticateResultFeature
    {
        public Func<AuthenticateResult?> Read { get; set; } = static () => null;

        public int Times { get; private set; }

        public AuthenticateResult? AuthenticateResult
        {
            get
            {
                Times++;
                return Read();
            }

            set => throw new NotSupportedException();
        }
    }
}
