using System.Text.RegularExpressions;
using Mesh.Client.Tests.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Tests.Docs;

/// <summary>What the pages show is what compiles, and what the mesh accepts.</summary>
public sealed partial class SnippetTests
{
    [Fact]
    public void Blocks_csharp_stand_in_the_samples()
    {
        var sources = Repository.SampleSources().ToList();

        var missing = Repository.Blocks.Where(
            block => block.Language == "csharp" && !sources.Exists(source => StandsIn(source, block.Text.Split('\n'))));

        Assert.Empty(missing);
    }

    [Fact]
    public void Blocks_settings_of_the_mesh_are_accepted()
    {
        foreach (var block in Settings().Where(block => !block.Refused))
        {
            var exception = Record.Exception(() => TestApplication.Read(Whole(block.Text)));

            Assert.True(exception is null, $"{block}: {exception?.Message}");
        }
    }

    [Fact]
    public void Blocks_settings_that_are_marked_as_refused_are_refused() =>
        Assert.All(Settings().Where(block => block.Refused), block =>
            Assert.ThrowsAny<OptionsValidationException>(() => TestApplication.Read(Whole(block.Text))));

    [Fact]
    public void Blocks_are_found()
    {
        Assert.Contains(Repository.Blocks, block => block is { Page: "README.md", Language: "csharp" });
        Assert.Contains(Settings(), block => block.Page == "README.md");
        Assert.Contains(Settings(), block => block.Refused);
    }

    [Theory]
    [InlineData("a();\nb();", true)]
    [InlineData("a();\n\n    c();", true)]
    [InlineData("    a();\n    b();", true)]
    [InlineData("a();\n    b();", false)]
    [InlineData("b();\na();", false)]
    [InlineData("a", false)]
    public void StandsIn_compares_whole_lines_modulo_indentation(string block, bool expected)
    {
        string[] source = ["class X", "{", "    a();", "", "        c();", "    a();", "    b();", "}"];

        Assert.Equal(expected, StandsIn(source, block.Split('\n')));
    }

    [Fact]
    public void Regions_of_the_samples_are_all_shown()
    {
        var regions = Repository.SampleSources().SelectMany(RegionsOf).ToList();
        var shown = Repository.Blocks.Where(block => block.Language == "csharp").Select(block => block.Text.Split('\n')).ToList();

        Assert.NotEmpty(regions);
        Assert.DoesNotContain(regions, region => !shown.Exists(block => StandsIn(region.Lines, block)));
    }

    private static IEnumerable<CodeBlock> Settings() =>
        Repository.Blocks.Where(block => block.Language is "json" or "jsonc" && MeshSection().IsMatch(block.Text));

    /// <summary>A page may leave out the outermost braces.</summary>
    private static string Whole(string json) => json.TrimStart().StartsWith('{') ? json : $"{{{json}}}";

    /// <summary>Whether the lines stand in a source one below the other, all of them indented further by the same blanks.</summary>
    private static bool StandsIn(string[] source, string[] block)
    {
        var shift = block.Where(line => line.Length > 0).Min(Indentation);
        for (var start = 0; start + block.Length <= source.Length; start++)
        {
            var further = Indentation(source[start]) - Indentation(block[0]);
            if (further >= -shift && block.Select((line, i) => Same(source[start + i], line, further)).All(same => same))
            {
                return true;
            }
        }

        return false;

        static bool Same(string source, string line, int further) =>
            source.Trim() == line.Trim() && (line.Trim().Length == 0 || Indentation(source) == Indentation(line) + further);
    }

    private static IEnumerable<(string Name, string[] Lines)> RegionsOf(string[] source)
    {
        for (var i = 0; i < source.Length; i++)
        {
            if (RegionStart().Match(source[i]) is { Success: true } start)
            {
                var end = Array.FindIndex(source, i, line => line.Trim() == "// end");
                Assert.True(end > i, $"The region '{start.Groups[1].Value}' is not closed.");
                yield return (start.Groups[1].Value, source[(i + 1)..end]);
            }
        }
    }

    private static int Indentation(string line) => line.Length - line.TrimStart().Length;

    [GeneratedRegex("""^\s*\{?\s*"Mesh"\s*:""")]
    private static partial Regex MeshSection();

    [GeneratedRegex(@"^\s*// snippet: (\S+)$")]
    private static partial Regex RegionStart();
}
