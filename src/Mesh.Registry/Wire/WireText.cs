namespace Mesh.Registry.Wire;

/// <summary>The text that a registration may contain.</summary>
internal static class WireText
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>A byte order mark is not part of JSON, but some systems write it and a real server accepts it.</summary>
    public static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> utf8) =>
        utf8.Span.StartsWith(ByteOrderMark) ? utf8[ByteOrderMark.Length..] : utf8;

    /// <summary>
    /// Control characters and broken surrogates have no place in names, forge log lines and cannot be written as XML.
    /// </summary>
    public static bool IsClean(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsControl(text[i]) || char.IsSurrogate(text[i]) || text[i] is '\uFFFE' or '\uFFFF')
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Makes text safe for a log line: refused text can forge lines and be as long as a body.</summary>
    public static string ForLog(string? text) =>
        text is null ? "(unknown)" : text.Length <= 256 && IsClean(text) ? text : "(not printable)";
}
