using System.Text.RegularExpressions;

namespace Mesh.Client.Tests.Docs;

/// <summary>The pages that package galleries show.</summary>
public sealed partial class PackagePageTests
{
    [Theory]
    [InlineData("Mesh.Client")]
    [InlineData("Mesh.Registry")]
    [InlineData("Mesh.Registry.Server")]
    public void Page_has_no_relative_links(string package)
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "src", package, "PACKAGE.md"));

        Assert.StartsWith("# ", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(RelativeLink(), page);
    }

    [Fact]
    public void Code_and_settings_of_the_clients_page_are_those_of_the_repository()
    {
        var blocks = CodeBlock.In(
            "PACKAGE.md", File.ReadAllLines(Path.Combine(Repository.Root, "src", "Mesh.Client", "PACKAGE.md"))).ToList();
        var sources = Repository.SampleSources().Select(static lines => string.Join('\n', lines)).ToList();

        Assert.Contains(
            sources, source => source.Contains(blocks.Single(static block => block.Language == "csharp").Text, StringComparison.Ordinal));
        Assert.All(
            blocks.Where(static block => block.Language == "json"), static block => DependencyInjection.TestApplication.Read(block.Text));
    }

    [GeneratedRegex(@"\]\((?!https?://|#)")]
    private static partial Regex RelativeLink();
}
