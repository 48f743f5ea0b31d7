namespace Mesh.Registry;

/// <summary>What text a registration may carry.</summary>
internal static class WireText
{
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
}
