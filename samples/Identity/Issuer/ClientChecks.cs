using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Identity.Issuer;

/// <summary>Which clients may ask for a token, and where the answer may go: what a database of clients would hold.</summary>
internal static class ClientChecks
{
    public static void AddClientChecks(this OpenIddictServerBuilder server)
    {
        server.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler.UseInlineHandler(static context =>
        {
            if (context.ClientId != IssuerSettings.Client)
            {
                context.Reject(Errors.InvalidClient, "The client is unknown.");
            }
            else if (context.RedirectUri != IssuerSettings.RedirectUri)
            {
                context.Reject(Errors.InvalidRequest, "The client is not at this address.");
            }

            return ValueTask.CompletedTask;
        }));
        server.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseInlineHandler(static context =>
        {
            if (context.ClientId != IssuerSettings.Client)
            {
                context.Reject(Errors.InvalidClient, "The client is unknown.");
            }

            return ValueTask.CompletedTask;
        }));
    }
}
