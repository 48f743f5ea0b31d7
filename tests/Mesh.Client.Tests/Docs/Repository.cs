namespace Mesh.Client.Tests.Docs;

/// <summary>The files of this repository, as far as documentation is concerned.</summary>
internal static class Repository
{
    public static readonly string Root = FindRoot();

    /// <summary>README.md and everything under docs/.</summary>
    public static readonly IReadOnlyList<CodeBlock> Blocks =
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md")
            .Order(StringComparer.Ordinal)
            .Prepend(Path.Combine(Root, "README.md"))
            .SelectMany(page => CodeBlock.In(Path.GetRelativePath(Root, page), File.ReadAllLines(page))),
    ];

    /// <summary>The lines of each source file of the samples.</summary>
    public static IEnumerable<string[]> SampleSources() =>
        Directory.EnumerateFiles(Path.Combine(Root, "samples"), "*.cs", SearchOption.AllDirectories)
        .Where(static file => !file.Split(Path.DirectorySeparatorChar).Any(static part => part is "bin" or "obj"))
        .Select(File.ReadAllLines);

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Mesh.Client.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException("The tests run outside the repository.");
        }

        return directory.FullName;
    }
}
