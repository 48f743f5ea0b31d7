using System.Security.Cryptography;
using System.Text;
using Mesh.Registry.Wire;
using Microsoft.AspNetCore.Http;

namespace Mesh.Registry.Http;

/// <summary>The checks for every request: no change by another site's page, authentication, and the form of the answer.</summary>
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

        // On every answer, even an empty one, as on a real server: clients read it before the body.
        context.Response.ContentType = form.ContentType();
        return endpoint(context, form);
    });

    public RequestDelegate Protect(RequestDelegate endpoint) => context =>
    {
        // First of all: a browser adds a known password to the requests of any page.
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

    /// <summary>Whether another site's page has sent a change: any page that a developer visits can send requests to a registry on this
    /// machine. Browsers mark such requests; other clients do not send the header. Unknown future values are refused, too.</summary>
    private static bool IsChangeByAnotherSite(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        {
            return false;
        }

        // "none" is the user's own act, such as a typed address.
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

    // Digests have one length, so that the comparison reveals nothing about the length of the password.
    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
