using System.Globalization;
using System.Text.RegularExpressions;

namespace Mesh.Client.Matching;

/// <summary>Regular expressions of settings: without backtracking, so that none takes longer than the text is long, and bounded in
/// size.</summary>
internal static class RegexBound
{
    public const int MaxLength = 200;
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
    private const int MaxCount = 1000;

    /// <summary>What is wrong with it; null for nothing.</summary>
    public static string? Mistake(string pattern)
    {
        if (pattern.Length > MaxLength)
        {
            return $"has {pattern.Length} characters, at most {MaxLength} are allowed";
        }

        if (HasHighCount(pattern))
        {
            return $"repeats something more than {MaxCount} times, with all its counts multiplied";
        }

        try
        {
            // Alone, too: a closing bracket could end the one that is put around it.
            _ = new Regex(pattern, Options);
            Make(pattern);
            return null;
        }
        catch (ArgumentException exception)
        {
            return $"is no regular expression: {exception.Message.TrimEnd('.')}";
        }
        catch (NotSupportedException)
        {
            return "uses look-around, back references, conditions or atomic groups, which cannot be matched in bounded time";
        }
    }

    /// <param name="pattern">Without <see cref="Mistake"/>. All of a text must match it.</param>
    public static Regex Make(string pattern) =>
        new($@"\A(?:{pattern})\z", Options);

    /// <summary>A count in braces multiplies what stands before it, and so do counts within each other.</summary>
    private static bool HasHighCount(string pattern)
    {
        long product = 1;
        for (var i = pattern.IndexOf('{'); i >= 0; i = pattern.IndexOf('{', i + 1))
        {
            var end = pattern.IndexOf('}', i);
            var highest = end < 0
                ? 1
                : pattern[(i + 1)..end].Split(',')
                    .Max(static text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 1);
            product *= Math.Clamp(highest, 1, MaxCount + 1);
            if (product > MaxCount)
            {
                return true;
            }
        }

        return false;
    }
}
