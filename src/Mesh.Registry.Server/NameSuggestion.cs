namespace Mesh.Registry.Server;

/// <summary>Finds the name that was probably meant.</summary>
internal static class NameSuggestion
{
    /// <summary>The closest of <paramref name="names"/>, or none: at most a third of the characters may differ.</summary>
    public static string? Closest(string written, IEnumerable<string> names) => names
        .Select(name => (Name: name, Distance: Distance(written, name)))
        .Where(pair => pair.Distance <= Math.Max(written.Length, pair.Name.Length) / 3)
        .OrderBy(static pair => pair.Distance)
        .Select(static pair => pair.Name)
        .FirstOrDefault();

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment; Damerau 1964).</summary>
    private static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                rows[i, j] = i == 0 || j == 0 ? i + j : Math.Min(
                    Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1,
                    rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }
}
