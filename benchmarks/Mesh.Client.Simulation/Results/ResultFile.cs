using System.Text.Json;

namespace Mesh.Client.Simulation.Results;

/// <summary>Writes the results for other programs.</summary>
internal static class ResultFile
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static async Task WriteAsync(string path, IReadOnlyList<ResultRow> rows)
    {
        await using var file = File.Create(path);
        await JsonSerializer.SerializeAsync(file, rows, Options);
    }
}
