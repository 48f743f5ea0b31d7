using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Mesh.Registry;

/// <summary>The checks that every request passes: authentication, and the format of the answer.</summary>
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

    public RequestDelegate Protect(RequestDelegate endpoint) => _expected is null ? endpoint : context =>
    {
        if (IsKnown(context.Request))
        {
            return endpoint(context);
        }

        context.Response.Headers.WWWAuthenticate = "Basic realm=\"registry\", charset=\"UTF-8\"";
        return RegistryResponse.BareAsync(context, StatusCodes.Status401Unauthorized);
    };

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
