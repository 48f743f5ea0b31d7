using System.Net;
using System.Text.RegularExpressions;

namespace Mesh.Registry.Tests;

/// <summary>The page as a person reads it: the texts of its parts.</summary>
internal sealed partial class PageText(string markup)
{
    public string Markup => markup;

    public string[] Warnings => [.. SectionPattern().Matches(markup).Select(static match => Plain(match.Groups[1].Value))];

    public static async Task<PageText> ReadAsync(RegistryServer server, string path = "/") => new(await server.PageAsync(path));

    /// <summary>The texts of all elements of a kind.</summary>
    public string[] All(string element) =>
        [.. Regex.Matches(markup, $"<{element}(?: [^>]*)?>(.*?)</{element}>", RegexOptions.Singleline)
            .Select(static match => Plain(match.Groups[1].Value))];

    /// <summary>The cells of all rows within the part with an id, up to the next part with one.</summary>
    public string[][] Rows(string id)
    {
        var start = markup.IndexOf($"id=\"{id}\"", StringComparison.Ordinal);
        var end = id == "services" ? markup.IndexOf("id=\"more\"", StringComparison.Ordinal) : markup.Length;
        return [.. RowPattern().Matches(markup[start..end])
            .Select(static row => CellPattern().Matches(row.Value).Select(static cell => Plain(cell.Groups[1].Value)).ToArray())];
    }

    private static string Plain(string html) =>
        SpacePattern().Replace(WebUtility.HtmlDecode(TagPattern().Replace(html.Replace("</b>", " ", StringComparison.Ordinal), " ")), " ")
            .Trim()
            .Replace(" ,", ",", StringComparison.Ordinal);

    [GeneratedRegex("<section class=\"warning\">(.*?)</section>", RegexOptions.Singleline)]
    private static partial Regex SectionPattern();

    [GeneratedRegex("<tr><td.*?</tr>", RegexOptions.Singleline)]
    private static partial Regex RowPattern();

    [GeneratedRegex("<td[^>]*>(.*?)</td>", RegexOptions.Singleline)]
    private static partial Regex CellPattern();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex TagPattern();

    [GeneratedRegex("\\s+")]
    private static partial Regex SpacePattern();
}
