namespace Mesh.Architecture.Tests;

/// <summary>Who may use whom in <c>src/Mesh.Client</c>.</summary>
public sealed class FloorTests
{
    /// <summary>Set to the path of a file, the matrix and the cycles are written there.</summary>
    private const string Report = "MESH_ARCHITECTURE_REPORT";

    [Fact]
    public void Sources_are_read()
    {
        // What only generators make is missing; anything else would hide a use.
        var mistakes = Sources.Files.Compilation.GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(static diagnostic => diagnostic.Severity == Microsoft.CodeAnalysis.DiagnosticSeverity.Error && diagnostic.Id != "CS8795")
            .Select(static diagnostic => diagnostic.ToString());

        Assert.Empty(mistakes);
        Assert.True(Sources.Files.Paths.Count > 300);
        Assert.True(Sources.Dependencies.Count > 3000);
        if (Environment.GetEnvironmentVariable(Report) is { Length: > 0 } file)
        {
            File.WriteAllText(file, MatrixReport.Write());
        }
    }

    [Fact]
    public void Every_file_stands_on_a_floor() =>
        Rule.Forbids(
            "a file outside the floors",
            Sources.Files.Paths.Where(static path => Floors.FloorOf(path) is null));

    [Fact]
    public void Folder_uses_only_lower_folders() =>
        Rule.Forbids(
            "a folder uses a higher one",
            Sources.FileEdges
                .Where(static edge => !Floors.Allows(edge.From, edge.To))
                .Select(static edge => $"{Floors.FloorOf(edge.From)} → {Floors.FloorOf(edge.To)}: "
                    + $"{Path.GetFileName(edge.From)} → {Path.GetFileName(edge.To)}"));

    [Fact]
    public void Folders_have_no_cycle() =>
        Rule.Forbids(
            "folders in a cycle",
            Sources.FolderGraph(Floors.FolderOf).Cycles().SelectMany(static cycle => cycle));

    [Fact]
    public void No_two_folders_use_each_other() =>
        Rule.Forbids(
            "two folders that use each other",
            Sources.FolderGraph(Floors.FolderOf).MutualPairs().Select(static pair => $"{pair.First} ↔ {pair.Second}"));

    [Fact]
    public void No_more_than_three_files_are_in_a_cycle() =>
        Rule.Forbids(
            "more than three files in a cycle",
            Sources.FileGraph().Cycles().Where(static cycle => cycle.Count > 3).SelectMany(static cycle => cycle));
}
