namespace Mesh.Client.Outbound.Transport;

/// <summary>Tells whether a path goes up above where it begins. Behind an endpoint's base path that would be another application, or
/// tenant, on the same server.</summary>
/// <remarks>A canonical URI has no dot segments left. One made without canonicalisation has them as its author wrote them, and servers
/// differ in what they take for one: <c>%2e</c> is a dot (RFC 3986, 6.2.2.2); <c>%2f</c>, <c>\</c> and <c>%5c</c> are separators to some;
/// some merge slashes, cut path parameters off (<c>..;x</c>), and end a path at <c>#</c>. A path is refused if any of these readings
/// leaves the base.</remarks>
internal static class DotSegments
{
    private const int Backslash = 1;
    private const int EscapedBackslash = 2;
    private const int EscapedSlash = 4;
    private const int Readings = 8;

    /// <param name="pathAndQuery">As it goes out.</param>
    public static bool Climb(ReadOnlySpan<char> pathAndQuery)
    {
        var query = pathAndQuery.IndexOf('?');
        var path = query < 0 ? pathAndQuery : pathAndQuery[..query];

        // No fragment is sent, but what is not canonical may hold its sign: to some servers a part of the name, to others the end.
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

    /// <summary>How many characters the separator takes that stands here; 0 for none.</summary>
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
            // Nothing, which servers that merge slashes do not count, or the place itself.
            0 or 1 => 0,
            2 => -1,
            _ => 1,
        };
    }
}
