using System.Globalization;
using System.Text;
using System.Xml;

namespace Mesh.Registry.Wire;

/// <summary>
/// Turns any text into an element name and back, as the real server's library does (XStream): an underscore is doubled, a dollar sign
/// becomes <c>_-</c>, and a character that is not allowed in names becomes <c>_.</c> and four hexadecimal digits.
/// </summary>
internal static class XmlNames
{
    public static string Encode(string text)
    {
        // An empty name has no form; a single underscore is the result of no other name.
        if (text.Length == 0)
        {
            return "_";
        }

        var name = new StringBuilder(text.Length + 8);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c == '_')
            {
                name.Append("__");
            }
            else if (c == '$')
            {
                name.Append("_-");
            }
            else if (i == 0 ? XmlConvert.IsStartNCNameChar(c) : XmlConvert.IsNCNameChar(c))
            {
                name.Append(c);
            }
            else
            {
                name.Append(CultureInfo.InvariantCulture, $"_.{(int)c:x4}");
            }
        }

        return name.ToString();
    }

    public static string Decode(string name)
    {
        if (!name.Contains('_', StringComparison.Ordinal))
        {
            return name;
        }

        if (name.Length == 1)
        {
            return "";
        }

        var text = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            var rest = name.AsSpan(i);
            if (rest.StartsWith("__", StringComparison.Ordinal))
            {
                text.Append('_');
                i++;
            }
            else if (rest.StartsWith("_-", StringComparison.Ordinal))
            {
                text.Append('$');
                i++;
            }
            else if (rest.Length >= 6 && rest.StartsWith("_.", StringComparison.Ordinal)
                && ushort.TryParse(rest.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                text.Append((char)code);
                i += 5;
            }
            else
            {
                // Clients that write names without this encoding mean them literally.
                text.Append(name[i]);
            }
        }

        return text.ToString();
    }
}
