using System.Security.Claims;
using System.Security.Cryptography;
using Identity.Controls;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Identity.Issuer;

/// <summary>The issuer: an OpenID server in which users log in, and which signs the tokens that services believe.</summary>
internal static class IssuerService
{
    public static async Task RunAsync(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddDemoControls();
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(
            cookie => cookie.LoginPath = IssuerSettings.LogInPath);
        builder.Services.AddOpenIddict().AddServer(server =>
        {
            server.SetAuthorizationEndpointUris(IssuerSettings.AuthorizationPath);
            server.SetTokenEndpointUris(IssuerSettings.TokenPath);
            server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
            server.RegisterScopes(IssuerSettings.Audiences);
            server.SetAccessTokenLifetime(TimeSpan.FromMinutes(5));

            // The services read the token, so it is signed and not encrypted; the code is for
            // the issuer alone. The keys die with the process.
            server.DisableAccessTokenEncryption();
            server.AddEphemeralSigningKey(IssuerSettings.Algorithm);
            server.AddEncryptionKey(new SymmetricSecurityKey(RandomNumberGenerator.GetBytes(32)));

            // Without a database. So the checks of client and redirect address are ours, and a code is not marked as used.
            server.EnableDegradedMode();
            server.AddClientChecks();

            // The log-in page is ours. Plain http, because everything is on loopback.
            server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().DisableTransportSecurityRequirement();
        });

        var app = builder.Build();
        app.UseDemoControls();
        app.MapLogIn();
        app.MapGet(IssuerSettings.AuthorizationPath, (Delegate)AuthorizeAsync);
        await app.RunAsync();
    }

    /// <summary>Where the client sends the user: to the log-in first, and then back to the client with a code.</summary>
    private static async Task<IResult> AuthorizeAsync(HttpContext context)
    {
        var request = context.GetOpenIddictServerRequest() ?? throw new InvalidOperationException("This is no OpenID request.");
        var login = await context.AuthenticateAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        if (login.Principal?.Identity?.Name is not { } user)
        {
            var back = new AuthenticationProperties { RedirectUri = context.Request.Path + context.Request.QueryString };
            return Results.Challenge(back, [CookieAuthenticationDefaults.AuthenticationScheme]);
        }

        var identity = new ClaimsIdentity(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        identity.SetClaim(Claims.Subject, user);
        identity.SetScopes(request.GetScopes());

        // The audiences of the token: one per service that the client asked for.
        identity.SetResources(request.GetScopes());
        identity.SetDestinations(static _ => [Destinations.AccessToken]);
        return Results.SignIn(new ClaimsPrincipal(identity), authenticationScheme: OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
    }
}
