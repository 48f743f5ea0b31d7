using System.Collections.Immutable;
using System.Text;

namespace Mesh.Registry.Instances;

internal static class Metadata
{
    /// <summary>The size of the entries: keys and values in UTF-8.</summary>
    public static int Bytes(IEnumerable<KeyValuePair<string, string>> entries)
    {
        var bytes = 0;
        foreach (var (key, value) in entries)
        {
            bytes += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value);
        }

        return bytes;
    }

    public static ImmutableArray<KeyValuePair<string, string>> Merge(
        ImmutableArray<KeyValuePair<string, string>> entries, ReadOnlySpan<KeyValuePair<string, string>> added)
    {
        var merged = new Dictionary<string, string>(entries, StringComparer.Ordinal);
        foreach (var (key, value) in added)
        {
            merged[key] = value;
        }

        return [.. merged];
    }
}
