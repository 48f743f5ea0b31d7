using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Mesh.Client.Configuration;

namespace Mesh.Registry.Server;

/// <summary>The command line, as settings of the registry.</summary>
internal sealed class ServerArguments
{
    private const string Section = "Mesh:Registry:";
    private const string PasswordVariable = "MESH_REGISTRY_PASSWORD";

    private static readonly string[] Switches = ["--help", "--version", "--no-self-preservation", "--fast", "--netflix"];

    private static readonly string[] Options =
    [
        "--port", "--bind", "--peer", "--lease", "--eviction-interval", "--delta-retention", "--response-cache", "--max-instances",
        "--user",
    ];

    private readonly Dictionary<string, string?> _settings = [];
    private int _peers;

    public int Port { get; private set; } = 8761;

    public string Bind { get; private set; } = "localhost";

    public bool ShowHelp { get; private set; }

    public bool ShowVersion { get; private set; }

    public IReadOnlyDictionary<string, string?> Settings => _settings;

    /// <summary>Reads the command line.</summary>
    /// <returns>False when something on it is invalid; <paramref name="problem"/> then says what.</returns>
    public static bool TryParse(string[] args, out ServerArguments arguments, [NotNullWhen(false)] out string? problem)
    {
        arguments = new ServerArguments();
        for (var i = 0; i < args.Length; i++)
        {
            // Both "--port 8761" and "--port=8761".
            var parts = args[i].Split('=', 2);
            if (parts.Length == 1 && arguments.Switch(parts[0]))
            {
                continue;
            }

            if (!Options.Contains(parts[0]))
            {
                problem = $"'{args[i]}' is not known."
                    + (Suggestion.Closest(parts[0], [.. Options, .. Switches]) is [var meant, ..] ? $" Did you mean '{meant}'?" : "");
                return false;
            }

            var value = parts.Length == 2 ? parts[1] : i + 1 < args.Length ? args[++i] : null;
            problem = value is null ? $"{parts[0]} needs a value." : arguments.Option(parts[0], value);
            if (problem is not null)
            {
                return false;
            }
        }

        problem = null;
        return true;
    }

    private bool Switch(string name)
    {
        switch (name)
        {
            case "--help" or "-h" or "-?":
                return ShowHelp = true;
            case "--version":
                return ShowVersion = true;
            case "--no-self-preservation":
                Set("SelfPreservation", "false");
                return true;
            case "--fast":
                Set("EvictionInterval", "00:00:01");
                Set("DefaultLeaseDuration", "00:00:05");
                return true;
            case "--netflix":
                Set("DoubleLease", "true");
                Set("ResponseCache", "00:00:30");
                Set("SelfPreservationMinInstances", "1");
                Set("Ordinals", "false");
                return true;
            default:
                return false;
        }
    }

    /// <summary>Takes one option.</summary>
    /// <returns>What is wrong with its value, or null.</returns>
    private string? Option(string name, string value) => name switch
    {
        "--port" => TakePort(value),
        "--bind" => TakeBind(value),
        "--peer" => Set($"Peers:{_peers++}", value),
        "--lease" => SetTime("DefaultLeaseDuration", name, value),
        "--eviction-interval" => SetTime("EvictionInterval", name, value),
        "--delta-retention" => SetTime("DeltaRetention", name, value),
        "--response-cache" => SetTime("ResponseCache", name, value),
        "--max-instances" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? Set("MaxInstances", value)
            : $"--max-instances '{value}' is not a number.",
        _ => TakeUser(value),
    };

    private string? TakePort(string value)
    {
        if (!ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return $"--port '{value}' is not a number from 0 to 65535.";
        }

        Port = port;
        return null;
    }

    private string? TakeBind(string value)
    {
        if (value is not ("any" or "localhost") && !System.Net.IPAddress.TryParse(value.Trim('[', ']'), out _))
        {
            return $"--bind '{value}' is neither localhost, any, nor an address.";
        }

        Bind = value == "any" ? "[::]" : value.Contains(':', StringComparison.Ordinal) && value[0] != '[' ? $"[{value}]" : value;
        return null;
    }

    private string? TakeUser(string value)
    {
        var password = Environment.GetEnvironmentVariable(PasswordVariable);
        if (string.IsNullOrEmpty(password))
        {
            return $"--user needs the password in the environment variable {PasswordVariable}: on a command line every user of the machine "
                + "could read it.";
        }

        Set("Username", value);
        return Set("Password", password);
    }

    private string? SetTime(string key, string option, string value)
    {
        var (unit, digits) = value switch
        {
            _ when value.EndsWith("ms", StringComparison.Ordinal) => (TimeSpan.FromMilliseconds(1), value[..^2]),
            _ when value.EndsWith('s') => (TimeSpan.FromSeconds(1), value[..^1]),
            _ when value.EndsWith('m') => (TimeSpan.FromMinutes(1), value[..^1]),
            _ when value.EndsWith('h') => (TimeSpan.FromHours(1), value[..^1]),
            _ => (TimeSpan.Zero, ""),
        };

        // A number of hours beyond the range of the type is invalid, too.
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && unit.Ticks * (double)number < long.MaxValue
            ? Set(key, (unit * number).ToString("c", CultureInfo.InvariantCulture))
            : $"{option} '{value}' is not a time. It must be a number with ms, s, m or h, such as 90s.";
    }

    private string? Set(string key, string value)
    {
        _settings[Section + key] = value;
        return null;
    }
}
