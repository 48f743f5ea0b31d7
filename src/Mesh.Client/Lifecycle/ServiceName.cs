namespace Mesh.Client.Lifecycle;

/// <summary>The name under which this application registers and presents itself.</summary>
internal static class ServiceName
{
    /// <summary>The configured name as it is, else the host's application name made into one that can stand as a host: <c>Orders.Api</c> is <c>orders-api</c>.</summary>
    /// <remarks>The dot goes, because a host with a dot is no service unless it is configured.</remarks>
    public static string Of(string? configured, string? applicationName)
    {
        if (Sanitise(configured, keepDots: true) is { Length: > 0 } name)
        {
            return name;
        }

        return Sanitise(applicationName, keepDots: false) is { Length: > 0 } fallback ? fallback : "application";
    }

    private static string Sanitise(string? name, bool keepDots)
    {
        var trimmed = (name ?? string.Empty).Trim();
        return string.Create(trimmed.Length, (trimmed, keepDots), static (target, source) =>
        {
            for (var i = 0; i < target.Length; i++)
            {
                var c = source.trimmed[i];
                target[i] = char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : c is '_' || (c is '.' && source.keepDots) ? c : '-';
            }
        }).Trim('-', '.');
    }
}
