using Identity.Roles;

namespace Identity.Issuer;

/// <summary>Settings that the issuer and its clients share.</summary>
internal static class IssuerSettings
{
    public const string AuthorizationPath = "/connect/authorize";

    public const string TokenPath = "/connect/token";

    public const string LogInPath = "/login";

    /// <summary>The one program that may ask for tokens: a public client, which has no secret and proves itself by PKCE.</summary>
    public const string Client = "kiosk";

    /// <summary>Where the browser would go with the code. Nothing listens there: the demo is its own browser.</summary>
    public const string RedirectUri = "http://127.0.0.1/callback";

    /// <summary>The one user.</summary>
    public const string User = "alice";

    public const string Password = "wonderland";

    /// <summary>The claim with the user's name.</summary>
    public const string UserClaim = "sub";

    /// <summary>How tokens are signed; services accept no other.</summary>
    public const string Algorithm = "ES256";

    /// <summary>The services that a token can be for: a scope each, which becomes an audience.</summary>
    public static string[] Audiences => [Role.Storefront, Role.Orders, Role.Payments, Role.Audit];
}
