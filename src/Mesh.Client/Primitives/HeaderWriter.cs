using System.Net.Http.Headers;

namespace Mesh.Client.Primitives;

/// <summary>The only way in which an outside value becomes a header: nothing in it can end the header or begin another.</summary>
internal static class HeaderWriter
{
    /// <summary>The length of the longest value.</summary>
    public const int MaxLength = 1024;

    // Headers that frame the message, or name its sender or target, are never written here.
    private static readonly string[] Restricted =
        ["Host", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "TE", "Trailer", "Authorization", "Proxy-Authorization",
            "Proxy-Connection", "Cookie", "Expect"];

    /// <summary>Whether a value may be written: visible ASCII without spaces.</summary>
    public static bool IsValue(ReadOnlySpan<char> value) => value.Length is > 0 and <= MaxLength
        && !value.ContainsAnyExceptInRange('!', '~');

    /// <summary>Adds a header.</summary>
    /// <returns>False, and nothing is added, when the value may not be written.</returns>
    /// <exception cref="ArgumentException">A header of this name must never be written with outside values.</exception>
    public static bool TryAdd(HttpHeaders headers, string name, string value)
    {
        if (!name.StartsWith(MeshHeaders.Prefix, StringComparison.Ordinal))
        {
            CheckName(name);
        }

        if (!IsValue(value))
        {
            return false;
        }

        // Checked above, more strictly than by the runtime, where the check allocates.
#pragma warning disable RS0030
        headers.TryAddWithoutValidation(name, value);
#pragma warning restore RS0030
        return true;
    }

    private static void CheckName(string name)
    {
        if (name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
            || name.Contains(':', StringComparison.Ordinal)
            || Array.Exists(Restricted, restricted => restricted.Equals(name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ArgumentException($"The header '{name}' is never written with a value from outside.", nameof(name));
        }
    }
}
