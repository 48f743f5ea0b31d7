using System.Text.RegularExpressions;
using Mesh.Client.Model;

namespace Mesh.Client.Matching;

/// <summary>Compares a text with what it must be. Immutable, and without allocation.</summary>
internal sealed class TextMatcher(TextMatch match)
{
    private readonly Regex? _regex = match.Kind == TextMatchKind.Regex ? RegexBound.Make(match.Value) : null;

    /// <summary>Whether it is the absence that matches.</summary>
    public bool WantsAbsence => match.Kind == TextMatchKind.Absent;

    /// <param name="text">A text that is there.</param>
    public bool IsMatch(ReadOnlySpan<char> text) => match.Kind switch
    {
        TextMatchKind.Exact => text.SequenceEqual(match.Value),
        TextMatchKind.Prefix => text.StartsWith(match.Value, StringComparison.Ordinal),
        TextMatchKind.Regex => _regex!.IsMatch(text),
        TextMatchKind.Present => true,
        _ => false,
    };
}
