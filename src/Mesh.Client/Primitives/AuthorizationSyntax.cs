using System.Buffers;

namespace Mesh.Client.Primitives;

/// <summary>The header that carries credentials (RFC 9110, 11.6.2; RFC 6750, 2.1).</summary>
internal static class AuthorizationSyntax
{
    public const string Header = "Authorization";

    public const string Bearer = "Bearer";

    private static readonly SearchValues<char> Token68 = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/");

    private static readonly SearchValues<char> SchemeCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~");

    /// <summary>Letters, digits and <c>-._~+/</c>, then any number of <c>=</c>.</summary>
    public static bool IsToken68(ReadOnlySpan<char> value)
    {
        value = value.TrimEnd('=');
        return value.Length > 0 && !value.ContainsAnyExcept(Token68);
    }

    /// <summary>Whether a value is ambiguous: of scheme <c>Bearer</c>, but without exactly one token behind one space.</summary>
    /// <remarks>Values of other schemes have their own form, which is the application's to judge.</remarks>
    public static bool IsMalformed(ReadOnlySpan<char> value)
    {
        var end = value.IndexOfAnyExcept(SchemeCharacters);
        var scheme = end < 0 ? value : value[..end];
        if (!scheme.Equals(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        return end < 0 || value[end] != ' ' || !IsToken68(value[(end + 1)..]);
    }
}
