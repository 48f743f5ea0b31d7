using System.Globalization;
using Mesh.Client.Benchmarks.Subjects;

namespace Mesh.Client.Benchmarks;

/// <summary>What the command line asks for.</summary>
internal sealed record BenchmarkCommand
{
    /// <summary>Measures one case in this process and prints the figures for the process that started it.</summary>
    public const string ChildOption = "--case";

    public const string Usage = """
        usage: Mesh.Client.Benchmarks [--quick] [--stack NAME,...] [--transport sync|yield] [--uri repeated|fresh] [--json FILE] [--gate]
               Mesh.Client.Benchmarks --profile NAME [--transport sync|yield] [--uri repeated|fresh] [--calls N]

          --help       prints this
          --quick      fewer rounds, shorter ones, only the repeated URI and some of the transports
          --stack      only these, and what they are added to: stock, mesh, context, propagate, inbound, inbound-aborted, telemetry,
                       yarp-pick, pick, pick-many, registry, change, publish
          --transport  only this one; default both (profile: yield)
          --uri        only this one; default both (profile: repeated)
          --json       writes the figures of the repeated URI there too
          --gate       exit code 1 when the mesh costs more than it may
          --profile    runs the loop in this process, for a profiler; --calls, default 1000000, says how long
        """;

    /// <summary>What a large registry costs: not a call, and measured and written in its own way.</summary>
    private const string Registry = "registry";

    /// <summary>What a small change of a large service costs: likewise.</summary>
    private const string Change = "change";

    /// <summary>What many services cost, published one by one: likewise.</summary>
    private const string Publish = "publish";

    private static readonly string[] Stacks = [.. KnownSubjects.All.Select(s => s.Name), Registry, Change, Publish];
    private static readonly string[] Transports = [BenchmarkCase.Sync, BenchmarkCase.Yield];
    private static readonly string[] Uris = [BenchmarkCase.Repeated, BenchmarkCase.Fresh];

    private string? _transport;
    private string? _uri;
    private string? _single;
    private IReadOnlyList<string> _stacks = Stacks;

    public bool IsChild { get; private init; }

    /// <summary>The arguments for a process that measures the registry.</summary>
    public string[] RegistryArguments => ArgumentsFor(Registry);

    /// <summary>The arguments for a process that measures the change.</summary>
    public string[] ChangeArguments => ArgumentsFor(Change);

    /// <summary>The arguments for a process that measures the publishing of many services.</summary>
    public string[] PublishArguments => ArgumentsFor(Publish);

    public bool IsProfile { get; private init; }

    public bool Quick { get; private init; }

    public bool Gate { get; private init; }

    public bool Help { get; private init; }

    public string? JsonFile { get; private init; }

    public int Calls { get; private init; } = 1_000_000;

    public BenchmarkSize Size => Quick ? BenchmarkSize.Quick : BenchmarkSize.Full;

    /// <summary>The case of a child process or a profile.</summary>
    public BenchmarkCase Single => new(_single!, _transport ?? BenchmarkCase.Yield, _uri ?? BenchmarkCase.Repeated);

    public bool IncludesRegistry => _stacks.Contains(Registry);

    public bool IsRegistryChild => IsChild && _single == Registry;

    public bool IncludesChange => _stacks.Contains(Change);

    public bool IsChangeChild => IsChild && _single == Change;

    public bool IncludesPublish => _stacks.Contains(Publish);

    public bool IsPublishChild => IsChild && _single == Publish;

    /// <summary>All cases of a round; the subjects that are compared lie side by side in time.</summary>
    public IEnumerable<BenchmarkCase> Cases =>
        from uri in _uri is { } chosenUri ? [chosenUri] : Quick ? [BenchmarkCase.Repeated] : Uris
        from transport in _transport is { } chosenTransport ? [chosenTransport] : Transports
        from subject in KnownSubjects.All
        where IsWanted(subject)
        && subject.Uris.Contains(uri)
        && (Quick && _transport is null ? subject.QuickTransports : subject.Transports).Contains(transport)
        select new BenchmarkCase(subject.Name, transport, uri);

    /// <exception cref="ArgumentException">An argument is not understood; the message says which.</exception>
    public static BenchmarkCommand Parse(string[] args)
    {
        var command = new BenchmarkCommand();
        for (var i = 0; i < args.Length; i++)
        {
            command = args[i] switch
            {
                "--quick" => command with { Quick = true },
                "--help" => command with { Help = true },
                "--gate" => command with { Gate = true },
                "--json" => command with { JsonFile = ResultFile.Writable(CommandLine.Value(args, ref i)) },
                "--stack" => command with { _stacks = [.. CommandLine.Value(args, ref i).Split(',').Select(s => OneOf(Stacks, s))] },
                "--transport" => command with { _transport = OneOf(Transports, CommandLine.Value(args, ref i)) },
                "--uri" => command with { _uri = OneOf(Uris, CommandLine.Value(args, ref i)) },
                "--calls" => command with { Calls = Number(CommandLine.Value(args, ref i)) },
                "--profile" => command with
                {
                    IsProfile = true,
                    _single = OneOf([.. Stacks.Except([Registry, Change, Publish])], CommandLine.Value(args, ref i)),
                },
                ChildOption => command with { IsChild = true, _single = OneOf(Stacks, CommandLine.Value(args, ref i)) },
                var other => throw new ArgumentException($"'{other}' is not an option."),
            };
        }

        return command;
    }

    private string[] ArgumentsFor(string stack) => [ChildOption, stack, .. Quick ? ["--quick"] : (string[])[]];

    private bool IsWanted(Subject subject) =>
        _stacks.Contains(subject.Name) || KnownSubjects.All.Any(s => s.Baseline == subject.Name && _stacks.Contains(s.Name));

    private static string OneOf(string[] known, string value) =>
        known.Contains(value) ? value : throw new ArgumentException($"'{value}' is unknown; there are {string.Join(", ", known)}.");

    private static int Number(string text) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"'{text}' is not a number of calls.");
}
