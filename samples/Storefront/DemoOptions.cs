using System.Globalization;
using Storefront.Scenes;

namespace Storefront;

/// <summary>What the command line asks for.</summary>
internal sealed record DemoOptions(TimeSpan Duration, int Rate, bool Keep, bool Stock, bool Help)
{
    private const int LowestRate = 20;
    private const int UsualRate = 100;
    private const int HighestRate = 2000;

    public static string Usage { get; } = string.Create(CultureInfo.InvariantCulture, $"""
        Storefront: an online shop of seven processes on a service mesh, and what its customers notice when some of them fail.

        dotnet run --project samples/Storefront -- [options]

          --duration SECONDS   length of all scenes together; {ScenePlan.Shortest.TotalSeconds:0} or more, default {ScenePlan.Usual.TotalSeconds:0}
          --rate CALLS         calls per second; from {LowestRate} to {HighestRate}, default {UsualRate}
          --stock              the same scenes without the mesh: AddStandardResilienceHandler() and AddServiceDiscovery()
          --keep               leave everything running after the summary, until Ctrl-C
          --help               this text

        Exit code: 0 no call failed, no order was duplicated or lost, and every fault hit (with --stock failures are expected);
                   1 otherwise; 2 the command line is wrong.
        """);

    /// <summary>Reads the command line; the error says what is wrong with it.</summary>
    public static DemoOptions? Parse(IReadOnlyList<string> args, out string? error)
    {
        var options = new DemoOptions(ScenePlan.Usual, UsualRate, Keep: false, Stock: false, Help: false);
        error = null;
        for (var i = 0; i < args.Count; i++)
        {
            // Both `--rate 200` and `--rate=200`.
            var parts = args[i].Split('=', 2);
            string? Value() => parts.Length == 2 ? parts[1] : ++i < args.Count ? args[i] : null;

            switch (parts[0])
            {
                case "--duration":
                    var shortest = (int)ScenePlan.Shortest.TotalSeconds;
                    error = ReadNumber(parts[0], Value(), shortest, (int)TimeSpan.FromDays(1).TotalSeconds, out var seconds);
                    options = options with { Duration = TimeSpan.FromSeconds(seconds) };
                    break;
                case "--rate":
                    error = ReadNumber(parts[0], Value(), LowestRate, HighestRate, out var rate);
                    options = options with { Rate = rate };
                    break;
                case "--keep" when parts.Length == 1:
                    options = options with { Keep = true };
                    break;
                case "--stock" when parts.Length == 1:
                    options = options with { Stock = true };
                    break;
                case "--help" or "-h" or "-?" when parts.Length == 1:
                    options = options with { Help = true };
                    break;
                default:
                    error = $"Unknown option '{args[i]}'.";
                    break;
            }

            if (error is not null)
            {
                return null;
            }
        }

        return options;
    }

    private static string? ReadNumber(string option, string? value, int lowest, int highest, out int number)
    {
        number = 0;
        return value is null ? $"Option {option} needs a value."
            : int.TryParse(
                value, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= lowest && number <= highest ? null
            : $"Option {option} takes a whole number from {lowest} to {highest}, not '{value}'.";
    }
}
