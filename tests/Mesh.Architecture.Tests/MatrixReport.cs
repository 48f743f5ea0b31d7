using System.Globalization;
using System.Text;

namespace Mesh.Architecture.Tests;

/// <summary>Who uses whom as text: the matrix of folders, cycles, mutual pairs, and what breaks the floors.</summary>
internal static class MatrixReport
{
    public static string Write()
    {
        var text = new StringBuilder();
        var files = Sources.FileGraph();
        var broken = Sources.Dependencies.Where(static use => !Floors.Allows(use.From, use.To)).ToList();
        Line(text, $"{Sources.Files.Paths.Count} files, {Sources.FileEdges.Count()} edges between files, "
            + $"{Sources.Dependencies.Count} by symbols");
        Summary(text, "top folders", Sources.FolderGraph(Floors.TopFolderOf));
        Summary(text, "folders", Sources.FolderGraph(Floors.FolderOf));
        Line(text, $"files: cycles of {Sizes(files)}");
        Line(text, $"edges against the floors: {broken.DistinctBy(static use => (use.From, use.To)).Count()}");
        Matrix(text, "top folders", Floors.TopFolderOf);
        Matrix(text, "folders", Floors.FolderOf);
        Line(text, "\nfolders in cycles");
        foreach (var cycle in Sources.FolderGraph(Floors.FolderOf).Cycles())
        {
            Line(text, $"  {cycle.Count}: {string.Join(", ", cycle)}");
        }

        Line(text, "\nfiles in cycles");
        foreach (var cycle in files.Cycles())
        {
            Line(text, $"  {cycle.Count}: {string.Join(", ", cycle.Select(Path.GetFileNameWithoutExtension))}");
        }

        Line(text, "\nagainst the floors");
        foreach (var use in broken.GroupBy(static use => (use.From, use.To)).OrderBy(static use => use.Key.To, StringComparer.Ordinal))
        {
            Line(text, $"  {use.Key.From} → {use.Key.To}: {string.Join(", ", use.Select(static symbol => symbol.Symbol).Order())}");
        }

        return text.ToString();
    }

    private static void Summary(StringBuilder text, string name, Graph graph) =>
        Line(text, $"{name}: {graph.Nodes.Count()}, cycles of {Sizes(graph)}, mutual pairs {graph.MutualPairs().Count}");

    private static string Sizes(Graph graph) => graph.Cycles() is { Count: > 0 } cycles
        ? string.Join(", ", cycles.Select(static cycle => cycle.Count.ToString(CultureInfo.InvariantCulture)))
        : "none";

    /// <summary>Row uses column; the number of edges between files.</summary>
    private static void Matrix(StringBuilder text, string name, Func<string, string> folderOf)
    {
        var counts = Sources.FileEdges.CountBy(edge => (From: folderOf(edge.From), To: folderOf(edge.To))).ToDictionary();
        var folders = counts.Keys.SelectMany(static pair => new[] { pair.From, pair.To }).Distinct()
            .OrderBy(static folder => Floors.Folders.Select(static (floor, index) => (floor, index))
                .Where(floor => folder == floor.floor || folder.StartsWith(floor.floor + "/", StringComparison.Ordinal)
                    || floor.floor.StartsWith(folder + "/", StringComparison.Ordinal))
                .Select(static floor => floor.index)
                .DefaultIfEmpty(-1)
                .Max())
            .ThenBy(static folder => folder, StringComparer.Ordinal)
            .ToList();
        Line(text, $"\n{name}, row uses column");
        var width = folders.Max(static folder => folder.Length);
        Line(text, $"{new string(' ', width + 4)}{string.Concat(folders.Select(static (_, index) => $"{index + 1,4}"))}");
        for (var row = 0; row < folders.Count; row++)
        {
            Line(text, $"{row + 1,3} {folders[row].PadRight(width)}{string.Concat(folders.Select((column, index) => index == row
                ? "   ·"
                : counts.TryGetValue((folders[row], column), out var count) ? $"{count,4}" : "    "))}");
        }
    }

    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');
}
