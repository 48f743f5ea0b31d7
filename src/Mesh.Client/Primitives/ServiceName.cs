namespace Mesh.Client.Primitives;

/// <summary>The syntax of service names: the characters of host names, and the underscore, which registries allow.</summary>
internal static class ServiceName
{
    public const string Rule = "ASCII letters, digits, '-', '_' and '.', with a letter or digit at both ends, at most 253";

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= 253
        && char.IsAsciiLetterOrDigit(name[0])
        && char.IsAsciiLetterOrDigit(name[^1])
        && name.All(IsAllowed)
        && !name.Contains("..", StringComparison.Ordinal);

    /// <summary>Turns an application name into a service name: <c>Orders.Api</c> becomes <c>orders-api</c>. The dot is replaced, because a
    /// host with a dot is a service only if it is configured.</summary>
    /// <param name="applicationName">The application's name.</param>
    /// <param name="keepDots">Whether to keep the dots.</param>
    public static string From(string? applicationName, bool keepDots = false)
    {
        var name = string.Concat(
            (applicationName ?? "").Select(letter => IsAllowed(letter) && (keepDots || letter != '.') ? char.ToLowerInvariant(letter)
                : '-')).Trim('-', '_');
        return IsValid(name) ? name : "application";
    }

    private static bool IsAllowed(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.';
}
