using System.Diagnostics;
using System.Net.Http.Headers;
using Mesh.Client.Primitives;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Mesh.Client;

/// <summary>A bearer token. It is written into the header of a request and nowhere else: neither by <see cref="ToString"/> nor by a
/// serializer.</summary>
[DebuggerDisplay("***")]
public sealed class BearerToken
{
    private readonly string _header;

    private BearerToken(string value, long expiry, string[] audiences, string? fault)
    {
        // One string, built once: it is sent with every call of the request.
        _header = fault is null ? AuthorizationSyntax.Bearer + " " + value : string.Empty;
        Bytes = value.Length;
        Expiry = expiry;
        Audiences = audiences;
        Fault = fault;
    }

    /// <summary>When it expires: ticks of <see cref="DateTime"/>, UTC.</summary>
    internal long Expiry { get; }

    internal string[] Audiences { get; }

    internal int Bytes { get; }

    /// <summary>Why it cannot be sent at all, as the end of a sentence; null if it can be sent.</summary>
    internal string? Fault { get; }

    /// <summary>Takes a signed JSON Web Token in its compact form. Its signature is not checked here.</summary>
    /// <param name="value">The token.</param>
    /// <returns>The token. An unreadable one has no audience to check, so no call carries it.</returns>
    public static BearerToken FromJwt(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!AuthorizationSyntax.IsToken68(value))
        {
            return Unreadable(value, "has characters that no token has");
        }

        JsonWebToken token;
        try
        {
            token = new JsonWebToken(value);
        }
        catch (Exception)
        {
            // The library's message is not passed on: it may quote the token.
            return Unreadable(value, "is not a readable JSON Web Token");
        }

        if (token.IsEncrypted)
        {
            return Unreadable(value, "is encrypted");
        }

        try
        {
            return token.ValidTo == DateTime.MinValue
                ? Unreadable(value, "does not say when it expires")
                : new BearerToken(value, token.ValidTo.Ticks, [.. token.Audiences], fault: null);
        }
        catch (Exception)
        {
            return Unreadable(value, "has an expiry or an audience that cannot be read");
        }
    }

    /// <summary>Shows nothing of the token.</summary>
    /// <returns>Three asterisks.</returns>
    public override string ToString() => "***";

    internal bool IsFor(string audience)
    {
        foreach (var candidate in Audiences)
        {
            if (string.Equals(candidate, audience, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    internal void WriteTo(HttpRequestHeaders headers)
    {
        // Checked when it was read, more strictly than the runtime does; the typed property would build the string anew for each request.
#pragma warning disable RS0030
        headers.TryAddWithoutValidation(AuthorizationSyntax.Header, _header);
#pragma warning restore RS0030
    }

    /// <summary>Only if it is there: a handler above may have written its own meanwhile.</summary>
    internal void RemoveFrom(HttpRequestHeaders headers)
    {
        if (headers.NonValidated.TryGetValues(AuthorizationSyntax.Header, out var values)
            && string.Equals(values.ToString(), _header, StringComparison.Ordinal))
        {
            headers.Remove(AuthorizationSyntax.Header);
        }
    }

    private static BearerToken Unreadable(string value, string fault) => new(value, expiry: 0, [], fault);
}
