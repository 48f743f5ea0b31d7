namespace Storefront.Processes;

/// <summary>All ledgers of the instances of <c>orders</c> together.</summary>
internal sealed class Ledgers
{
    public const string Extension = ".ledger";

    private readonly Dictionary<string, int> _times = [];

    private Ledgers()
    {
    }

    public int Orders => _times.Count;

    public IReadOnlyList<string> Duplicates => [.. _times.Where(order => order.Value > 1).Select(order => order.Key)];

    public static async Task<Ledgers> ReadAsync(string folder, CancellationToken cancellation)
    {
        var ledgers = new Ledgers();
        foreach (var file in Directory.EnumerateFiles(folder, "*" + Extension))
        {
            await foreach (var id in ReadLinesAsync(file).WithCancellation(cancellation))
            {
                ledgers._times[id] = ledgers._times.GetValueOrDefault(id) + 1;
            }
        }

        return ledgers;
    }

    public bool Has(string id) => _times.ContainsKey(id);

    private static async IAsyncEnumerable<string> ReadLinesAsync(string file)
    {
        // The instance may still hold the file open for writing.
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        while (await reader.ReadLineAsync() is { } line)
        {
            yield return line;
        }
    }
}
