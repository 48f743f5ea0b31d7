using System.Globalization;
using System.Text;

namespace Mesh.Client.Primitives;

/// <summary>Keeps foreign text from breaking logs and messages.</summary>
internal static class Printable
{
    /// <summary>Whether some reader takes it for a line break, or it changes the direction of the text around it.</summary>
    public static bool IsControl(char c) =>
        char.IsControl(c)
        || c is '\u2028' or '\u2029' or '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    public static bool HasControl(string text)
    {
        foreach (var c in text)
        {
            if (IsControl(c))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether it is one line of text that can be written as UTF-8 and as XML, in which registries answer: no control characters,
    /// no half of a surrogate pair, neither U+FFFE nor U+FFFF.</summary>
    public static bool IsLine(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (IsControl(text[i]) || text[i] is '\uFFFE' or '\uFFFF' || (char.IsSurrogate(text[i]) && !char.IsSurrogatePair(text, i++)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The text with control characters replaced, cut after <paramref name="limit"/> characters.</summary>
    public static string Of(string text, int limit = 200)
    {
        var cut = text.Length <= limit ? text : text[..limit] + "…";
        return HasControl(cut)
            ? string.Create(cut.Length, cut, static (target, source) =>
            {
                for (var i = 0; i < target.Length; i++)
                {
                    target[i] = IsControl(source[i]) ? '?' : source[i];
                }
            })
            : cut;
    }

    /// <summary>The text with control characters in C# notation: for the user's own text, where it matters which character it is.</summary>
    public static string Escaped(string text)
    {
        if (!HasControl(text))
        {
            return text;
        }

        var escaped = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            _ = c switch
            {
                '\r' => escaped.Append(@"\r"),
                '\n' => escaped.Append(@"\n"),
                '\t' => escaped.Append(@"\t"),
                _ when IsControl(c) => escaped.Append(CultureInfo.InvariantCulture, $@"\u{(int)c:X4}"),
                _ => escaped.Append(c),
            };
        }

        return escaped.ToString();
    }
}
