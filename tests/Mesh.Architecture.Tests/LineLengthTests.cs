using Mesh.Client.Tests.Docs;

namespace Mesh.Architecture.Tests;

/// <summary>Lines fit the screen beside another file. Texts are not broken for that: a line that holds a string may be longer.</summary>
public sealed class LineLengthTests
{
    private const int MaxColumns = 140;

    private const string RawString = "\"\"\"";

    [Fact]
    public void Line_has_no_more_columns_than_agreed()
    {
        var files = Files().ToList();

        Assert.True(files.Count > 1_000, "The sources were not found.");
        Assert.Empty(files.SelectMany(TooLong));
    }

    [Theory]
    [InlineData(140, "", false)]
    [InlineData(141, "", true)]
    [InlineData(141, "\"text\"", false)]
    [InlineData(141, "// \"text\"", true)]
    public void Line_is_too_long_unless_it_holds_a_string(int length, string ends, bool expected) =>
        Assert.Equal(expected, IsTooLong(ends.PadLeft(length, ends.StartsWith('/') ? ' ' : 'x')));

    private static IEnumerable<string> TooLong(string file)
    {
        var inText = false;
        foreach (var (i, line) in File.ReadLines(file).Index())
        {
            if (!inText && IsTooLong(line))
            {
                yield return $"{file}:{i + 1}";
            }

            inText ^= line.Split(RawString).Length % 2 == 0;
        }
    }

    private static bool IsTooLong(string line) =>
        line.Length > MaxColumns && (!line.Contains('"') || line.TrimStart().StartsWith("//", StringComparison.Ordinal));

    private static IEnumerable<string> Files() =>
        from folder in new[] { "src", "tests", "samples", "benchmarks" }
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.cs", SearchOption.AllDirectories)
        where !file.Split(Path.DirectorySeparatorChar).Any(static part => part is "obj" or "bin")
        select file;
}
