using System.Globalization;

namespace Mesh.Client.Configuration;

/// <summary>Whether a value of the configuration can be read as what the schema asks for.</summary>
internal static class ValueSyntax
{
    /// <summary>What is wrong with a value, or null. An absent or empty value means "not set":
    /// deployment templates leave empty variables.</summary>
    public static string? Check(string? value, KeySchema schema) => string.IsNullOrEmpty(value) ? null : schema.Kind switch
    {
        KeyKind.Duration => CheckDuration(value, schema.NoneAllowed),
        KeyKind.WholeNumber when !int.TryParse(
            value, NumberStyles.Integer, CultureInfo.InvariantCulture, out _) => $"'{value}' is not a whole number.",
        KeyKind.Number when !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _) =>
            $"'{value}' is not a number (decimals are written with a point).",
        KeyKind.Switch when !bool.TryParse(value, out _) => $"'{value}' is neither true nor false.",
        KeyKind.Choice when !schema.Choices.Contains(value.Trim(), StringComparer.OrdinalIgnoreCase) =>
            $"'{value}' is none of {string.Join(", ", schema.Choices)}.",
        _ => null,
    };

    private static string? CheckDuration(string value, bool noneAllowed)
    {
        // TimeSpan reads a bare number as days, which is never intended.
        if (long.TryParse(value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number != 0)
        {
            return number < 0
                ? $"'{value}' would be {value} days. {Instead(noneAllowed)}"
                : $"'{value}' would be {value} days. Write {Seconds(number)} for {value} seconds.";
        }

        if (TimeSpan.TryParse(value, CultureInfo.InvariantCulture, out var duration))
        {
            // With more than 23 hours, TimeSpan reads the hours as days and the minutes as hours.
            return value.Split(':') is [var hours, _, _]
                && int.TryParse(hours, NumberStyles.Integer, CultureInfo.InvariantCulture, out var days)
                && Math.Abs(days) > 23
                ? $"'{value}' would be {duration.TotalDays:0.##} days. From 24 hours on, write days.hours:minutes:seconds, such as "
                    + "1.00:00:00."
                : null;
        }

        return FromUnit(value) is { } meant
            ? $"'{value}' is not a duration. Write {meant}."
            : $"'{value}' is not a duration. {Instead(noneAllowed && value.TrimStart().StartsWith('-'))}";
    }

    private static string Instead(bool none) => none
        ? "Write -00:00:00.001 for no timeout."
        : "Write hours:minutes:seconds, such as 00:00:30 or 00:00:00.250.";

    /// <summary>What "250ms" or "3s" is as a duration.</summary>
    private static string? FromUnit(string value)
    {
        var text = value.AsSpan().Trim();
        var length = text.LastIndexOfAnyInRange('0', '9') + 1;
        if (!double.TryParse(text[..length], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            || number is < 0 or > 1_000_000)
        {
            return null;
        }

        return text[length..].Trim().ToString().ToUpperInvariant() switch
        {
            "MS" => Write(TimeSpan.FromMilliseconds(number)),
            "S" or "SEC" => Write(TimeSpan.FromSeconds(number)),
            "M" or "MIN" => Write(TimeSpan.FromMinutes(number)),
            "H" => Write(TimeSpan.FromHours(number)),
            "D" => Write(TimeSpan.FromDays(number)),
            _ => null,
        };
    }

    private static string Seconds(long number) =>
        number < TimeSpan.MaxValue.TotalSeconds ? Write(TimeSpan.FromSeconds(number)) : "a TimeSpan";

    private static string Write(TimeSpan duration) =>
        duration.ToString(duration.Ticks % TimeSpan.TicksPerSecond == 0 ? "c" : @"hh\:mm\:ss\.fff", CultureInfo.InvariantCulture);
}
