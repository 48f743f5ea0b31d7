using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Mesh.Mutation;

/// <summary>Which test class reaches which mutants, and how long it takes. Found once, by running each class alone.</summary>
internal sealed class Reach
{
    private readonly Dictionary<string, (TimeSpan Time, HashSet<int> Ids)> _classes;

    private Reach(IEnumerable<KeyValuePair<string, (TimeSpan Time, HashSet<int> Ids)>> classes) => _classes = new(classes);

    /// <summary>The classes that reach a mutant: the one that is named after the file first, then the quickest.</summary>
    public List<string> Of(Mutant mutant)
    {
        var own = "." + Path.GetFileName(mutant.File).Split('.')[0] + "Tests";
        return [.. _classes.Where(test => test.Value.Ids.Contains(mutant.Id))
            .OrderByDescending(test => test.Key.EndsWith(own, StringComparison.Ordinal))
            .ThenBy(static test => test.Value.Time)
            .Select(static test => test.Key)];
    }

    public TimeSpan TimeOf(IEnumerable<string> classes) =>
        classes.Aggregate(TimeSpan.Zero, (time, name) => time + _classes[name].Time);

    /// <summary>Reads it from a file, or finds it and writes it there.</summary>
    public static async Task<Reach> OfAsync(TestRun tests, string file)
    {
        if (File.Exists(file))
        {
            return new Reach(File.ReadLines(file).Select(static line => line.Split('\t')).Select(static part => KeyValuePair.Create(
                part[0],
                (TimeSpan.FromSeconds(double.Parse(part[1], CultureInfo.InvariantCulture)), Ids(part[2])))));
        }

        var found = new ConcurrentDictionary<string, (TimeSpan Time, HashSet<int> Ids)>();
        await Parallel.ForEachAsync(await tests.ClassesAsync(), async (name, _) =>
        {
            var started = Stopwatch.GetTimestamp();
            var (code, _) = await tests.RunAsync(["-class", name, "-noColor"], TimeSpan.FromMinutes(2), []);
            var time = Stopwatch.GetElapsedTime(started);
            if (code != 0)
            {
                Console.WriteLine($"Not used, since it fails or takes too long without any mutant: {name}");
                return;
            }

            // Each process writes the numbers to a file of this name in the folder for temporary files.
            var tag = "mutants-" + Guid.NewGuid().ToString("N");
            await tests.RunAsync(
                ["-class", name, "-noColor"], TimeSpan.FromMinutes(7), new() { ["STRYKER_COVERAGE_FILE"] = tag + ".txt" });
            var ids = new HashSet<int>();
            foreach (var written in Directory.GetFiles(Path.GetTempPath(), tag + "*"))
            {
                ids.UnionWith(Ids(await File.ReadAllTextAsync(written, CancellationToken.None)));
                File.Delete(written);
            }

            found[name] = (time, ids);
        });
        await File.WriteAllLinesAsync(file, found.Select(static test => string.Create(
            CultureInfo.InvariantCulture, $"{test.Key}\t{test.Value.Time.TotalSeconds:0.0}\t{string.Join(',', test.Value.Ids)}")));
        return new Reach(found);
    }

    private static HashSet<int> Ids(string list) =>
        [.. list.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries).Select(static id => int.Parse(id, CultureInfo.InvariantCulture))];
}
