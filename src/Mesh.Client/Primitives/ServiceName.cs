namespace Mesh.Client.Primitives;

/// <summary>What a service may be called: what fits into a host name, and the underscore, which registries allow.</summary>
internal static class ServiceName
{
    public const string Rule = "letters, digits, '-', '_' and '.', with a letter or digit at both ends, at most 253";

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= 253
        && char.IsAsciiLetterOrDigit(name[0])
        && char.IsAsciiLetterOrDigit(name[^1])
        && name.All(IsAllowed)
        && !name.Contains("..", StringComparison.Ordinal);

    /// <summary>An application name as a service name: <c>Orders.Api</c> is <c>orders-api</c>. The dot goes, because a host with a dot is
    /// no service unless it is configured.</summary>
    /// <param name="applicationName">The application's name.</param>
    /// <param name="keepDots">Whether the dots stay.</param>
    public static string From(string? applicationName, bool keepDots = false)
    {
        var name = string.Concat(
            (applicationName ?? "").Select(letter => IsAllowed(letter) && (keepDots || letter != '.') ? char.ToLowerInvariant(letter)
                : '-')).Trim('-', '_');
        return IsValid(name) ? name : "application";
    }

    private static bool IsAllowed(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.';
}
