namespace Mesh.Architecture.Tests;

/// <summary>A rule that has no exception.</summary>
internal static class Rule
{
    /// <param name="rule">What must not be.</param>
    /// <param name="found">Where it is.</param>
    public static void Forbids(string rule, IEnumerable<string> found)
    {
        var all = new SortedSet<string>(found, StringComparer.Ordinal);
        Assert.True(
            all.Count == 0,
            $"Forbidden: {rule} ({all.Count}). Move the code, or pass what is used as a value:\n{string.Join('\n', all)}");
    }
}
