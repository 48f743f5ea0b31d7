using System.Globalization;
using System.Text.Json;
using Mesh.Mutation;

// usage: tests/mutate NAME [SHARE]
// NAME is a folder of src/Mesh.Client, such as Limits or Outbound/Calls; SHARE how many of its mutants are tried, from 0 to 1 (1).
if (args.Length is 0 or > 2)
{
    Console.Error.WriteLine("usage: tests/mutate FOLDER [SHARE], such as: tests/mutate Outbound/Calls 0.1");
    return 2;
}

var root = Directory.GetCurrentDirectory();
var work = Path.Combine(root, "artifacts", "mutation");
var list = Path.Combine(work, "mutants.json");
var assembly = new MutatedAssembly(root, work);
if (!File.Exists(list))
{
    // A minute or two; and again only after the folder artifacts/mutation is deleted.
    Console.WriteLine("Writing all mutants into one assembly.");
    var made = await assembly.MakeAsync();
    await File.WriteAllTextAsync(list, JsonSerializer.Serialize(made));
}

var all = JsonSerializer.Deserialize<List<Mutant>>(await File.ReadAllTextAsync(list))!;
var tests = new TestRun(assembly.Tests);
Console.WriteLine("Finding out which test class reaches which of them.");
var reach = await Reach.OfAsync(tests, Path.Combine(work, "reach.tsv"));

// Always the same part of them.
var share = args.Length == 2 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 1;
var choice = new Random(12);
var chosen = all.Where(mutant => mutant.File.StartsWith(args[0] + "/", StringComparison.Ordinal))
    .Where(_ => choice.NextDouble() < share).ToArray();
Console.WriteLine($"{chosen.Length} mutants of {args[0]}.");
var killed = 0;
await Parallel.ForEachAsync(chosen, async (mutant, _) =>
{
    if (await IsNoticedAsync(mutant))
    {
        Interlocked.Increment(ref killed);
    }
    else
    {
        Console.WriteLine($"survived: {mutant.File}:{mutant.Line} {mutant.Mutator}: {mutant.Change}");
    }
});
Console.WriteLine(string.Create(
    CultureInfo.InvariantCulture, $"{args[0]}: {killed} of {chosen.Length} mutants killed, {100.0 * killed / chosen.Length:0.0} %"));
return 0;

// Whether a test fails with the mutant, or no longer ends.
async Task<bool> IsNoticedAsync(Mutant mutant)
{
    var classes = reach.Of(mutant);

    // Ever larger groups: most die of the first.
    for (int at = 0, size = 4; at < classes.Count; at += size, size *= 4)
    {
        var group = classes.Skip(at).Take(size).ToArray();
        var (code, _) = await tests.RunAsync(
            [.. group.SelectMany(static name => new[] { "-class", name }), "-noColor", "-stopOnFail"],
            TimeSpan.FromSeconds(20) + (5 * reach.TimeOf(group)),
            new() { ["STRYKER_MUTANT_ID_CONTROL_VAR"] = "MUTANT", ["MUTANT"] = mutant.Id.ToString(CultureInfo.InvariantCulture) });
        if (code != 0)
        {
            return true;
        }
    }

    return false;
}
