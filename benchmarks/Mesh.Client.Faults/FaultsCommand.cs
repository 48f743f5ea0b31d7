using System.Globalization;
using Mesh.Client.Faults.Contenders;
using Mesh.Client.Faults.Scenarios;

namespace Mesh.Client.Faults;

/// <summary>What the command line asks for.</summary>
internal sealed record FaultsCommand
{
    public const string Usage = """
        usage: Mesh.Client.Faults [--scenario B1,B5] [--contender mesh,stock] [--seconds N] [--json FILE] [--gate]

          --help       prints this
          --scenario   only these; default all: B1 to B7, B14, speeds
          --contender  only these; default stock, discovery-only, mesh; in B1 hand-built, too; in B4, B14 and speeds
                       mesh-round-robin and mesh-least-request, too (all of them anywhere when named here)
          --seconds    the length of every scenario with a load; default 20 or 30, as the table says
          --json       writes the results there too
          --gate       exit code 1 when the mesh misses what it must reach

               Mesh.Client.Faults deploy ...    instances as processes that are restarted and killed; its own options: deploy --help
        """;

    private static readonly Contender[] Everywhere = [KnownContenders.Stock, KnownContenders.DiscoveryOnly, KnownContenders.Mesh];
    private static readonly Contender[] Selectable =
    [
        .. Everywhere,
        KnownContenders.HandBuilt,
        KnownContenders.MeshRoundRobin,
        KnownContenders.MeshLeastRequest,
    ];

    private TimeSpan? _duration;
    private IReadOnlyList<Contender>? _contenders;

    public IReadOnlyList<Scenario> Scenarios { get; private init; } = KnownScenarios.All;

    public bool Help { get; private init; }

    public string? JsonFile { get; private init; }

    public bool Gate { get; private init; }

    /// <exception cref="ArgumentException">An argument is not understood; the message says which.</exception>
    public static FaultsCommand Parse(string[] args)
    {
        var command = new FaultsCommand();
        for (var i = 0; i < args.Length; i++)
        {
            command = args[i] switch
            {
                "--help" => command with { Help = true },
                "--gate" => command with { Gate = true },
                "--scenario" => command with { Scenarios = Select(CommandLine.Value(args, ref i), KnownScenarios.All, s => s.Id) },
                "--contender" => command with { _contenders = Select(CommandLine.Value(args, ref i), Selectable, c => c.Name) },
                "--seconds" => command with { _duration = Seconds(CommandLine.Value(args, ref i)) },
                "--json" => command with { JsonFile = ResultFile.Writable(CommandLine.Value(args, ref i)) },
                var other => throw new ArgumentException($"'{other}' is not an option."),
            };
        }

        return command;
    }

    public TimeSpan DurationOf(Scenario scenario) => _duration ?? scenario.Duration;

    public IEnumerable<Contender> ContendersOf(Scenario scenario)
    {
        var contenders = _contenders
            ?? (scenario.Id == "B1" ? [KnownContenders.Stock, KnownContenders.HandBuilt, .. Everywhere.Skip(1)]
            : scenario.ComparesShares ? [.. Everywhere, KnownContenders.MeshRoundRobin, KnownContenders.MeshLeastRequest]
            : Everywhere);

        // The mesh is judged by what the healthy instances can do, so that they are always measured beside it.
        return scenario.Id == "B4" ? [KnownContenders.Healthy, .. contenders] : contenders;
    }

    private static TimeSpan Seconds(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= 3600
            ? TimeSpan.FromSeconds(seconds)
            : throw new ArgumentException($"'{text}' is not a number of seconds from 1 to 3600.");

    private static T[] Select<T>(string names, IReadOnlyList<T> known, Func<T, string> name) =>
        [.. names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(wanted =>
            known.FirstOrDefault(k => string.Equals(name(k), wanted, StringComparison.OrdinalIgnoreCase))
            ?? throw new ArgumentException($"'{wanted}' is unknown; there are {string.Join(", ", known.Select(name))}."))];
}
