using Mesh.Client.Tests.Docs;

namespace Mesh.Architecture.Tests;

/// <summary>What the rules do not hold for yet, as a file of the repository. It only shrinks.</summary>
/// <remarks>One line for each exception, under a heading for each rule; behind <c>##</c>, what will mend it. A line that is no longer
/// needed
/// fails the test too.</remarks>
internal static class ExceptionList
{
    /// <summary>Set to <c>1</c>, lines that are no longer needed are removed; to <c>all</c>, the list is written anew.</summary>
    private const string Write = "MESH_WRITE_EXCEPTIONS";

    private const string Comment = "  ## ";

    // Tests run beside each other, and each reads and writes the whole file.
    private static readonly Lock Gate = new();

    private static string File { get; } = Path.Combine(
        Repository.Root, "tests", "Mesh.Architecture.Tests", "Exceptions.txt");

    /// <summary>Fails unless exactly what the list says was found.</summary>
    public static void Check(string rule, IEnumerable<string> found)
    {
        lock (Gate)
        {
            var all = Read();
            var listed = all.GetValueOrDefault(rule) ?? [];
            var actual = new SortedSet<string>(found, StringComparer.Ordinal);
            var fresh = actual.Except(listed.Keys).ToList();
            var stale = listed.Keys.Except(actual).ToList();
            var mode = Environment.GetEnvironmentVariable(Write);
            if (mode == "all" || (mode == "1" && fresh.Count == 0))
            {
                all[rule] = new(
                    actual.ToDictionary(static line => line, line => listed.GetValueOrDefault(line, "")), StringComparer.Ordinal);
                Save(all);
                return;
            }

            Assert.True(
                fresh.Count == 0,
                $"Rule '{rule}' is broken anew ({fresh.Count}). Move the code, or pass what is used as a value:\n"
                + string.Join('\n', fresh));
            Assert.True(
                stale.Count == 0,
                $"Rule '{rule}' has exceptions that are no longer needed ({stale.Count}). Remove them from {File}, "
                + $"or run the test with {Write}=1:\n{string.Join('\n', stale)}");
        }
    }

    /// <summary>For each rule its exceptions, each with its comment.</summary>
    private static SortedDictionary<string, SortedDictionary<string, string>> Read()
    {
        var all = new SortedDictionary<string, SortedDictionary<string, string>>(StringComparer.Ordinal);
        if (!System.IO.File.Exists(File))
        {
            return all;
        }

        var rule = "";
        foreach (var line in System.IO.File.ReadLines(File).Where(static line => line.Length > 0))
        {
            if (line.StartsWith("# ", StringComparison.Ordinal))
            {
                rule = line[2..];
                all.Add(rule, new SortedDictionary<string, string>(StringComparer.Ordinal));
            }
            else
            {
                var parts = line.Split(Comment, 2);
                all[rule].Add(parts[0], parts.ElementAtOrDefault(1) ?? "");
            }
        }

        return all;
    }

    private static void Save(SortedDictionary<string, SortedDictionary<string, string>> all) => System.IO.File.WriteAllText(
        File,
        string.Join('\n', all.Where(static rule => rule.Value.Count > 0).Select(static rule =>
            $"# {rule.Key}\n\n{string.Concat(rule.Value.Select(Line))}")));

    private static string Line(KeyValuePair<string, string> exception) =>
        exception.Value is "" ? $"{exception.Key}\n" : $"{exception.Key}{Comment}{exception.Value}\n";
}
