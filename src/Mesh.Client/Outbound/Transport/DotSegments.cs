namespace Mesh.Client.Outbound.Transport;

/// <summary>Determines whether a path climbs above its beginning. Behind an endpoint's base path, that would be another application, or
/// tenant, on the same server.</summary>
/// <remarks>A canonical URI has no dot segments. Without canonicalisation they stay as their author wrote them, and servers differ in
/// reading them: <c>%2e</c> is a dot (RFC 3986, 6.2.2.2); <c>%2f</c>, <c>\</c> and <c>%5c</c> are separators to some; some merge slashes,
/// cut path parameters off (<c>..;x</c>), and end a path at <c>#</c>. A path is refused if any of these readings leaves the base.</remarks>
internal static class DotSegments
{
    private const int Backslash = 1;
    private const int EscapedBackslash = 2;
    private const int EscapedSlash = 4;
    private const int Readings = 8;

    /// <param name="pathAndQuery">As it is sent.</param>
    public static bool Climb(ReadOnlySpan<char> pathAndQuery)
    {
        var query = pathAndQuery.IndexOf('?');
        var path = query < 0 ? pathAndQuery : pathAndQuery[..query];

        // No fragment is sent, but a URI that is not canonical may contain its sign: some servers read it as part of the name, others as
        // the end.
        var fragment = path.IndexOf('#');
        return ClimbInAnyReading(path) || (fragment >= 0 && ClimbInAnyReading(path[..fragment]));
    }

    private static bool ClimbInAnyReading(ReadOnlySpan<char> path)
    {
        for (var reading = 0; reading < Readings; reading++)
        {
            if (Climb(path, reading))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Climb(ReadOnlySpan<char> path, int reading)
    {
        var depth = 0;
        while (path.Length > 0)
        {
            var end = 0;
            var separator = 0;
            while (end < path.Length && (separator = SeparatorAt(path[end..], reading)) == 0)
            {
                end++;
            }

            depth += StepOf(path[..end]);
            if (depth < 0)
            {
                return true;
            }

            path = path[Math.Min(path.Length, end + separator)..];
        }

        return false;
    }

    /// <summary>The length of the separator at this position; 0 for none.</summary>
    private static int SeparatorAt(ReadOnlySpan<char> text, int reading) => text[0] switch
    {
        '/' => 1,
        '\\' when (reading & Backslash) != 0 => 1,
        '%' when (reading & EscapedBackslash) != 0 && text.StartsWith("%5c", StringComparison.OrdinalIgnoreCase) => 3,
        '%' when (reading & EscapedSlash) != 0 && text.StartsWith("%2f", StringComparison.OrdinalIgnoreCase) => 3,
        _ => 0,
    };

    private static int StepOf(ReadOnlySpan<char> segment)
    {
        var parameters = segment.IndexOf(';');
        var name = parameters < 0 ? segment : segment[..parameters];
        var dots = 0;
        while (name.Length > 0)
        {
            var dot = name[0] == '.' ? 1 : name.StartsWith("%2e", StringComparison.OrdinalIgnoreCase) ? 3 : 0;
            if (dot == 0)
            {
                return 1;
            }

            dots++;
            name = name[dot..];
        }

        return dots switch
        {
            // An empty segment, which servers that merge slashes ignore, or the current directory.
            0 or 1 => 0,
            2 => -1,
            _ => 1,
        };
    }
}
