using System.Globalization;
using Mesh.Client.Simulation.Policies;
using Mesh.Client.Simulation.Scenarios;

namespace Mesh.Client.Simulation;

/// <summary>What the command line asks for.</summary>
internal sealed record SimulationCommand
{
    public const string Usage = """
        usage: Mesh.Client.Simulation [--scenario steady,gray|all] [--policies Adaptive,RoundRobin/lb|all] [--seeds N] [--held-out] [--json FILE] [--trace] [--gate]

          --scenario   only these; default all
          --policies   only these, by name or by what stands before the slash (Adaptive: all its forms, Adaptive/: the package's defaults); default all.
                       The oracle always runs beside them
          --seeds      how many; default 2
          --held-out   begin after the first two, on which the constants were chosen
          --json       writes the results there too
          --trace      prints the trace hash of every run
          --gate       exit code 1 when Adaptive misses a gate
        """;

    private const int SeedStep = 7_919;
    private const int ChosenOn = 2;

    public IReadOnlyList<Scenario> Scenarios { get; private init; } = KnownScenarios.All;

    public IReadOnlyList<SimulatedPolicy> Policies { get; private init; } = KnownPolicies.All;

    public int SeedCount { get; private init; } = 2;

    public bool HeldOut { get; private init; }

    public string? JsonFile { get; private init; }

    public bool Trace { get; private init; }

    public bool Gate { get; private init; }

    public IReadOnlyList<int> Seeds => [.. Enumerable.Range(HeldOut ? ChosenOn : 0, SeedCount).Select(i => 1 + (i * SeedStep))];

    /// <exception cref="ArgumentException">An argument is not understood; the message says which.</exception>
    public static SimulationCommand Parse(string[] args)
    {
        var command = new SimulationCommand();
        for (var i = 0; i < args.Length; i++)
        {
            command = args[i] switch
            {
                "--gate" => command with { Gate = true },
                "--trace" => command with { Trace = true },
                "--held-out" => command with { HeldOut = true },
                "--scenario" or "--scenarios" =>
                    command with { Scenarios = Select(CommandLine.Value(args, ref i), KnownScenarios.All, s => s.Id, s => s.Id) },
                "--policy" or "--policies" =>
                    command with
                    {
                        Policies =
                        Select(CommandLine.Value(args, ref i), KnownPolicies.All, p => p.Family + "/" + p.Variant, p => p.Family)
                    },
                "--seeds" => command with { SeedCount = Count(CommandLine.Value(args, ref i)) },
                "--json" => command with { JsonFile = ResultFile.Writable(CommandLine.Value(args, ref i)) },
                var other => throw new ArgumentException($"'{other}' is not an option."),
            };
        }

        return command;
    }

    private static int Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 100
            ? count
            : throw new ArgumentException($"'{text}' is not a number of seeds from 1 to 100.");

    /// <summary>By name; a family stands for all its members.</summary>
    private static T[] Select<T>(string names, IReadOnlyList<T> known, Func<T, string> name, Func<T, string> family)
    {
        var chosen = new List<T>();
        foreach (var wanted in names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var found = known.Where(k => Is(wanted, "all") || Is(wanted, name(k)) || Is(wanted, family(k))).ToList();
            chosen.AddRange(
                found.Count > 0 ? found
                    : throw new ArgumentException($"'{wanted}' is unknown; there are {string.Join(", ", known.Select(name))}."));
        }

        return chosen.Count > 0 ? [.. chosen.Distinct()] : throw new ArgumentException("A list is empty.");
    }

    private static bool Is(string wanted, string name) => string.Equals(wanted, name, StringComparison.OrdinalIgnoreCase);
}
