namespace Mesh.Client.Tests.Docs;

/// <summary>A fenced block of a page.</summary>
/// <param name="Page">The page, relative to the repository.</param>
/// <param name="Line">The line of its first fence.</param>
/// <param name="Language">What stands behind the fence.</param>
/// <param name="Text">What stands between the fences.</param>
/// <param name="Refused">Whether the page says that it shows mistakes.</param>
internal sealed record CodeBlock(string Page, int Line, string Language, string Text, bool Refused)
{
    /// <summary>Stands in the line above a block of settings that must be refused.</summary>
    public const string RefusedMark = "<!-- refused -->";

    private const string Fence = "```";

    public static IEnumerable<CodeBlock> In(string page, string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            if (!lines[i].StartsWith(Fence, StringComparison.Ordinal))
            {
                continue;
            }

            var end = Array.IndexOf(lines, Fence, i + 1);
            if (end < 0)
            {
                throw new InvalidOperationException($"{page}:{i + 1}: the block is not closed.");
            }

            yield return new CodeBlock(
                page,
                i + 1,
                lines[i][Fence.Length..].Trim(),
                string.Join('\n', lines[(i + 1)..end]),
                i > 0 && lines[i - 1] == RefusedMark);
            i = end;
        }
    }

    public override string ToString() => $"{Page}:{Line}";
}
