using Mesh.Client.Tests.Docs;

namespace Mesh.Architecture.Tests;

/// <summary>The sources of <c>Mesh.Client</c>, read once for all tests.</summary>
internal static class Sources
{
    private static readonly Lazy<SourceFiles> AllFiles = new(static () => SourceFiles.Load(Root, "Mesh.Client"));
    private static readonly Lazy<IReadOnlyList<Dependency>> AllDependencies = new(static () => DependencyWalker.Find(Files));

    /// <summary>The folder of the project.</summary>
    public static string Root => Path.Combine(Repository.Root, "src", "Mesh.Client");

    public static SourceFiles Files => AllFiles.Value;

    /// <summary>Who uses what, by symbol.</summary>
    public static IReadOnlyList<Dependency> Dependencies => AllDependencies.Value;

    /// <summary>Who uses whom, each pair of files once.</summary>
    public static IEnumerable<(string From, string To)> FileEdges =>
        Dependencies.Select(static dependency => (dependency.From, dependency.To)).Distinct();

    public static Graph FileGraph() => new(FileEdges);

    /// <summary>Who uses whom among folders.</summary>
    /// <param name="folderOf">The folder of a file: the one it is in, or the topmost.</param>
    public static Graph FolderGraph(Func<string, string> folderOf) => new(
        FileEdges.Select(edge => (From: folderOf(edge.From), To: folderOf(edge.To))).Where(static edge => edge.From != edge.To).Distinct());
}
