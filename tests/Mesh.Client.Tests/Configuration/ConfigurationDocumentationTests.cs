using Mesh.Client.Configuration;
using Mesh.Client.Tests.DependencyInjection;
using Mesh.Client.Tests.Docs;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.Configuration;

/// <summary>Holds <c>docs/configuration.md</c> against the code.</summary>
public sealed class ConfigurationDocumentationTests
{
    private readonly string _page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "configuration.md"));

    [Fact]
    public void Every_key_is_named() =>
        Assert.DoesNotContain(PathsOf(MeshSchema.Root, "Mesh"), path => !_page.Contains($"`{path}`", StringComparison.Ordinal));

    [Fact]
    public void The_example_of_mistakes_is_what_is_printed()
    {
        var parts = _page[_page.IndexOf("## Mistakes", StringComparison.Ordinal)..].Split("```");

        var exception = Assert.ThrowsAny<OptionsValidationException>(
            () => TestApplication.Read(parts[1].Replace("json\n", "", StringComparison.Ordinal)));

        Assert.Equal(exception.Message, parts[3].Replace("text\n", "", StringComparison.Ordinal).TrimEnd());
    }

    private static IEnumerable<string> PathsOf(KeySchema schema, string path) => schema.Kind switch
    {
        // Defaults, each service and their overrides take the same keys; the page lists them once.
        KeyKind.Section when path is "Mesh:Defaults" or "Mesh:Override:Defaults" => [path],
        KeyKind.Map when path == "Mesh:Override:Services" => [path],
        KeyKind.Section => schema.Keys.SelectMany(key => PathsOf(key.Value, $"{path}:{key.Key}")),
        KeyKind.Map when schema.Element!.Kind == KeyKind.Section => PathsOf(schema.Element, $"{path}:<name>"),
        _ => [path],
    };
}
