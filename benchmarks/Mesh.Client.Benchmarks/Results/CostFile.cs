using System.Text.Json;

namespace Mesh.Client.Benchmarks.Results;

/// <summary>Writes the figures of the repeated URI for other programs.</summary>
internal static class CostFile
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static async Task WriteAsync(string path, IReadOnlyList<AddedCost> costs)
    {
        var rows = costs.Where(c => c.Case.Uri == BenchmarkCase.Repeated).Select(c => new
        {
            c.Case.Stack,
            c.Case.Transport,
            AddedBytes = Math.Round(c.Bytes),
            AddedCpuNs = Math.Round(c.CpuNs),
        });
        await using var file = File.Create(path);
        await JsonSerializer.SerializeAsync(file, rows, Options);
    }
}
