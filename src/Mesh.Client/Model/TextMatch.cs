namespace Mesh.Client.Model;

/// <summary>What a text must be. Immutable.</summary>
/// <param name="Kind">How it is compared.</param>
/// <param name="Value">What it is compared with; empty for <see cref="TextMatchKind.Present"/> and
/// <see cref="TextMatchKind.Absent"/>.</param>
internal sealed record TextMatch(TextMatchKind Kind, string Value)
{
    /// <param name="options">Validated.</param>
    public static TextMatch From(Options.TextMatchOptions options) =>
        options.Exact is { } exact ? new TextMatch(TextMatchKind.Exact, exact)
        : options.Prefix is { } prefix ? new TextMatch(TextMatchKind.Prefix, prefix)
        : options.Regex is { } regex ? new TextMatch(TextMatchKind.Regex, regex)
        : new TextMatch(options.Present == false ? TextMatchKind.Absent : TextMatchKind.Present, string.Empty);
}
