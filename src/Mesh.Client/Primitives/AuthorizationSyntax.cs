using System.Buffers;

namespace Mesh.Client.Primitives;

/// <summary>The syntax of the header with credentials (RFC 9110, 11.6.2; RFC 6750, 2.1).</summary>
internal static class AuthorizationSyntax
{
    public const string Header = "Authorization";

    public const string Bearer = "Bearer";

    private static readonly SearchValues<char> Token68 = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/");

    private static readonly SearchValues<char> SchemeCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`|~");

    /// <summary>Visible ASCII without the comma.</summary>
    private static readonly SearchValues<char> OneToken = SearchValues.Create(
        [.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).Where(character => character != ',')]);

    /// <summary>Letters, digits and <c>-._~+/</c>, then any number of <c>=</c>.</summary>
    public static bool IsToken68(ReadOnlySpan<char> value)
    {
        value = value.TrimEnd('=');
        return value.Length > 0 && !value.ContainsAnyExcept(Token68);
    }

    /// <summary>Whether two readers may find different tokens in a value of scheme <c>Bearer</c>: it contains a comma, a space, a tab, or a
    /// character outside of visible ASCII.</summary>
    /// <remarks>The application decides about a missing token, or one that merely differs from RFC 6750: API keys come in all forms. The
    /// same holds for values of other schemes.</remarks>
    public static bool IsAmbiguous(ReadOnlySpan<char> value)
    {
        var end = value.IndexOfAnyExcept(SchemeCharacters);
        var scheme = end < 0 ? value : value[..end];
        if (end < 0 || !scheme.Equals(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var rest = value[end..];
        return (rest[0] == ' ' ? rest[1..] : rest).ContainsAnyExcept(OneToken);
    }
}
