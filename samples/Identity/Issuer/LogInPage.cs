using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Identity.Issuer;

/// <summary>The log-in page. A real one has protection against forged forms, and hashed passwords.</summary>
internal static class LogInPage
{
    public const string UserField = "user";

    public const string PasswordField = "password";

    private const string Form = $"""
        <!doctype html><title>Log in</title>
        <form method="post"><input name="{UserField}"><input name="{PasswordField}" type="password"><button>Log in</button></form>
        """;

    public static void MapLogIn(this WebApplication app)
    {
        app.MapGet(IssuerSettings.LogInPath, () => Results.Content(Form, "text/html"));
        app.MapPost(IssuerSettings.LogInPath, LogInAsync);
    }

    private static async Task<IResult> LogInAsync(HttpContext context, CancellationToken cancellation)
    {
        var form = await context.Request.ReadFormAsync(cancellation);
        if (form[UserField] != IssuerSettings.User || form[PasswordField] != IssuerSettings.Password)
        {
            return Results.Unauthorized();
        }

        var user = new ClaimsPrincipal(
            new ClaimsIdentity([new Claim(ClaimTypes.Name, IssuerSettings.User)], CookieAuthenticationDefaults.AuthenticationScheme));
        await context.SignInAsync(CookieAuthenticationDefaults.AuthenticationScheme, user);
        return Results.LocalRedirect(context.Request.Query[CookieAuthenticationDefaults.ReturnUrlParameter].ToString());
    }
}
