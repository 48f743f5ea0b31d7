using System.Globalization;

namespace Mesh.Client.Faults.Deploy;

/// <summary>What the command line of the suite asks for.</summary>
internal sealed record DeployCommand
{
    /// <summary>The first argument, which chooses this suite.</summary>
    public const string Name = "deploy";

    public const string Usage = """
        usage: Mesh.Client.Faults deploy [--scenario restart-http1,kill-http2] [--contender mesh,stock] [--seconds N] [--json FILE] [--gate]

          --scenario   only these; default all. The beginning of a name will do: restart, move, kill
          --contender  only these; default both, side by side
          --seconds    the length of every scenario; default 60
          --json       writes the results there too
          --gate       exit code 1 when the mesh misses what it must reach
        """;

    public IReadOnlyList<DeployScenario> Scenarios { get; private init; } = KnownDeployScenarios.All;

    public IReadOnlyList<DeployContender> Contenders { get; private init; } = DeployContender.All;

    public DeployTimes Times { get; private init; } = new(TimeSpan.FromSeconds(60));

    public string? JsonFile { get; private init; }

    public bool Gate { get; private init; }

    /// <exception cref="ArgumentException">An argument is not understood; the message says which.</exception>
    public static DeployCommand Parse(ReadOnlySpan<string> args)
    {
        var command = new DeployCommand();
        for (var i = 0; i < args.Length; i++)
        {
            command = args[i] switch
            {
                "--help" => throw new ArgumentException("The options:"),
                "--gate" => command with { Gate = true },
                "--scenario" => command with { Scenarios = Select(Value(args, ref i), KnownDeployScenarios.All, s => s.Id) },
                "--contender" => command with { Contenders = Select(Value(args, ref i), DeployContender.All, c => c.Name) },
                "--seconds" => command with { Times = new DeployTimes(Seconds(Value(args, ref i))) },
                "--json" => command with { JsonFile = Value(args, ref i) },
                var other => throw new ArgumentException($"'{other}' is not an option."),
            };
        }

        return command;
    }

    private static string Value(ReadOnlySpan<string> args, ref int i) =>
        ++i < args.Length ? args[i] : throw new ArgumentException($"'{args[i - 1]}' needs a value.");

    private static TimeSpan Seconds(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 5 and <= 3600
            ? TimeSpan.FromSeconds(seconds)
            : throw new ArgumentException($"'{text}' is not a number of seconds from 5 to 3600.");

    private static List<T> Select<T>(string names, IReadOnlyList<T> known, Func<T, string> name)
    {
        var selected = new List<T>();
        foreach (var wanted in names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var exact = known.Where(k => string.Equals(name(k), wanted, StringComparison.OrdinalIgnoreCase)).ToArray();
            var found = exact.Length > 0
                ? exact
                : known.Where(k => name(k).StartsWith(wanted, StringComparison.OrdinalIgnoreCase)).ToArray();
            selected.AddRange(found.Length > 0
                ? found.Except(selected)
                : throw new ArgumentException($"'{wanted}' is unknown; there are {string.Join(", ", known.Select(name))}."));
        }

        return selected;
    }
}
