using System.Security.Cryptography;
using System.Text;
using Mesh.Registry.Wire;
using Microsoft.AspNetCore.Http;

namespace Mesh.Registry.Http;

/// <summary>The checks that every request passes: no change by another site's page, authentication, and the format of the answer.</summary>
internal sealed class RegistryGate(RegistrySettings settings)
{
    private readonly byte[]? _expected = settings.Username is null ? null : Digest($"{settings.Username}:{settings.Password}");

    /// <summary>Wraps an endpoint of the protocol.</summary>
    public RequestDelegate Protocol(Func<HttpContext, WireForm, Task> endpoint) => Protect(context =>
    {
        if (WireFormChoice.Of(context.Request) is not { } form)
        {
            return RegistryResponse.BareAsync(context, StatusCodes.Status406NotAcceptable);
        }

        // On every answer, also on empty ones: a real server does so, and clients look at it before they look at the body.
        context.Response.ContentType = form.ContentType();
        return endpoint(context, form);
    });

    public RequestDelegate Protect(RequestDelegate endpoint) => context =>
    {
        // First of all: a browser adds the password that it knows to the requests of any page.
        if (IsChangeByAnotherSite(context.Request))
        {
            context.Response.ContentType = "text/plain";
            return RegistryResponse.RefuseAsync(
                context,
                StatusCodes.Status403Forbidden,
                "Refused: a page of another site may not change the registry (Sec-Fetch-Site). Send the change from a program.");
        }

        if (_expected is null || IsKnown(context.Request))
        {
            return endpoint(context);
        }

        context.Response.Headers.WWWAuthenticate = "Basic realm=\"registry\", charset=\"UTF-8\"";
        return RegistryResponse.BareAsync(context, StatusCodes.Status401Unauthorized);
    };

    /// <summary>Any page that a developer visits can send requests to a registry on this machine. Its browser says so, other clients do not
    /// know the header. What it may say in future is refused, too.</summary>
    private static bool IsChangeByAnotherSite(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        {
            return false;
        }

        // None is a person's own act, such as an address that was typed.
        var site = request.Headers["Sec-Fetch-Site"];
        return site.Count > 0 && site.ToString() is not ("same-origin" or "none");
    }

    private bool IsKnown(HttpRequest request)
    {
        const string Scheme = "Basic ";
        var header = request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var decoded = new byte[header.Length];
        return Convert.TryFromBase64Chars(header.AsSpan(Scheme.Length).Trim(), decoded, out var length)
            && CryptographicOperations.FixedTimeEquals(SHA256.HashData(decoded.AsSpan(0, length)), _expected);
    }

    // Digests have one length, so that the comparison tells nothing about that of the password.
    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
