using System.Text.Json;

namespace Benchmarks.Shared;

/// <summary>Writes the results for other programs.</summary>
internal static class ResultFile
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Tries a path before anything is measured, so that one that cannot be written does not cost the results.</summary>
    /// <exception cref="ArgumentException">The file cannot be written; the message says why.</exception>
    public static string Writable(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write);
            return path;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException)
        {
            throw new ArgumentException($"'{path}' cannot be written: {exception.Message}", exception);
        }
    }

    public static async Task WriteAsync<T>(string path, IEnumerable<T> rows)
    {
        await using var file = File.Create(path);
        await JsonSerializer.SerializeAsync(file, rows, Options);
    }
}
