namespace Mesh.Client.Matching;

/// <summary>A path with <c>*</c> for one segment and at most one <c>**</c> for any number of them. Immutable.</summary>
/// <remarks>It is compared with a path as it is sent: escaped, and without dot segments. There is nothing to go back to: what stands
/// before <c>**</c> is compared from the front, what stands behind it from the end.</remarks>
internal sealed class PathTemplate
{
    // Null for any one segment.
    private readonly string?[] _front;
    private readonly string?[] _back;
    private readonly bool _isOpen;

    private PathTemplate(string?[] front, string?[] back, bool isOpen) => (_front, _back, _isOpen) = (front, back, isOpen);

    /// <summary>The path itself where it is one, without <c>*</c> and <c>**</c>; otherwise null.</summary>
    public string? Exact => _isOpen || Array.IndexOf(_front, null) >= 0 ? null : "/" + string.Join('/', _front);

    /// <summary>The path that everything at and below matches, and nothing else; otherwise null.</summary>
    public string? Prefix =>
        _isOpen && _back.Length == 0 && Array.IndexOf(_front, null) < 0 ? string.Concat(_front.Select(static one => "/" + one)) : null;

    /// <summary>What is wrong with a text as a template; null for nothing.</summary>
    public static string? Mistake(string text)
    {
        if (text.Length == 0 || text[0] != '/')
        {
            return "does not begin with a slash";
        }

        if (text.AsSpan().ContainsAny('?', '#') || text.Any(static c => char.IsControl(c) || char.IsWhiteSpace(c)))
        {
            return "has a character that no path has (a query is matched under Query)";
        }

        var segments = text[1..].Split('/');
        if (segments.Count(static segment => segment == "**") > 1)
        {
            return "has more than one **";
        }

        return Array.Find(segments, IsMixed) is { } mixed ? $"mixes text and wildcards in the segment '{mixed}'"
            : segments.Any(IsUnsendable) ? "has a segment that is never sent: dots, or a backslash"
            : null;
    }

    /// <param name="text">Without <see cref="Mistake"/>.</param>
    public static PathTemplate Parse(string text)
    {
        string?[] segments =
            [.. text[1..].Split('/').Select(static segment => segment == "*" || IsName(segment) ? null : Escaped(segment))];
        var open = Array.IndexOf(segments, "**");
        return open < 0
            ? new PathTemplate(segments, [], isOpen: false)
            : new PathTemplate(segments[..open], segments[(open + 1)..], isOpen: true);
    }

    /// <param name="path">Begins with a slash.</param>
    public bool IsMatch(ReadOnlySpan<char> path)
    {
        var rest = path;
        foreach (var segment in _front)
        {
            if (rest.IsEmpty)
            {
                return false;
            }

            rest = rest[1..];
            var end = rest.IndexOf('/');
            if (!Fits(segment, end < 0 ? rest : rest[..end]))
            {
                return false;
            }

            rest = end < 0 ? [] : rest[end..];
        }

        if (!_isOpen)
        {
            return rest.IsEmpty;
        }

        for (var i = _back.Length - 1; i >= 0; i--)
        {
            var start = rest.LastIndexOf('/');
            if (start < 0 || !Fits(_back[i], rest[(start + 1)..]))
            {
                return false;
            }

            rest = rest[..start];
        }

        return true;
    }

    private static bool Fits(string? wanted, ReadOnlySpan<char> segment) =>
        wanted is null ? !segment.IsEmpty : segment.SequenceEqual(wanted);

    private static bool IsUnsendable(string segment) =>
        segment.Length > 0 && Escaped(segment) is var sent && (sent.Length == 0 || sent.Contains('/'));

    private static bool IsMixed(string segment) =>
        segment is not ("*" or "**") && !IsName(segment) && segment.AsSpan().ContainsAny('*', '{', '}');

    /// <summary>As in templates of ASP.NET Core. The name means nothing here.</summary>
    private static bool IsName(string segment) =>
        segment.Length > 2 && segment[0] == '{' && segment[^1] == '}' && !segment.AsSpan(1, segment.Length - 2).ContainsAny('{', '}', '*');

    /// <summary>As a URI has it.</summary>
    private static string Escaped(string segment) => new UriBuilder(Uri.UriSchemeHttp, "a", 80, "/" + segment).Uri.AbsolutePath[1..];
}
