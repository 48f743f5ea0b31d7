using Microsoft.Extensions.Options;

namespace Mesh.Registry;

/// <summary>Reports every wrong setting at once, so that one start shows all mistakes.</summary>
internal sealed class MeshRegistryOptionsValidator : IValidateOptions<MeshRegistryOptions>
{
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, MeshRegistryOptions options)
    {
        List<string> problems = [];
        Within(problems, nameof(options.EvictionInterval), options.EvictionInterval, MinInterval, Day);
        Within(problems, nameof(options.MaxLeaseDuration), options.MaxLeaseDuration, Second, TimeSpan.FromDays(365));
        Within(problems, nameof(options.DefaultLeaseDuration), options.DefaultLeaseDuration, Second, TimeSpan.FromDays(365));
        Within(problems, nameof(options.DeltaRetention), options.DeltaRetention, Second, Day);
        Within(problems, nameof(options.ResponseMaxAge), options.ResponseMaxAge, MinInterval, TimeSpan.FromHours(1));
        Within(problems, nameof(options.ResponseCache), options.ResponseCache, TimeSpan.Zero, TimeSpan.FromHours(1));
        Within(problems, nameof(options.MaxInstances), options.MaxInstances, 1, 1_000_000);
        Within(problems, nameof(options.MaxBodyBytes), options.MaxBodyBytes, 1_024, 16_777_216);
        Within(problems, nameof(options.MaxMetadataBytes), options.MaxMetadataBytes, 0, Math.Max(0, options.MaxBodyBytes));
        Within(problems, nameof(options.MaxNameLength), options.MaxNameLength, 16, 4_096);

        Within(problems, nameof(options.SelfPreservationMinInstances), options.SelfPreservationMinInstances, 1, 1_000_000);
        Within(problems, nameof(options.RenewalThreshold), options.RenewalThreshold, 0.0, 1.0);
        Within(problems, nameof(options.PeerSyncTimeout), options.PeerSyncTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        Within(problems, nameof(options.PeerSyncWait), options.PeerSyncWait, TimeSpan.Zero, TimeSpan.FromHours(1));

        // The protocol carries leases in whole seconds; a fraction would be lost silently.
        WholeSeconds(problems, nameof(options.DefaultLeaseDuration), options.DefaultLeaseDuration);
        WholeSeconds(problems, nameof(options.MaxLeaseDuration), options.MaxLeaseDuration);

        if (options.DefaultLeaseDuration > options.MaxLeaseDuration)
        {
            problems.Add($"{Key(nameof(options.DefaultLeaseDuration))} is {options.DefaultLeaseDuration}, longer than "
                + $"{nameof(options.MaxLeaseDuration)} ({options.MaxLeaseDuration}). Lower the first or raise the second.");
        }

        Peers(problems, options.Peers);
        Access(problems, options);
        Path(problems, nameof(options.PagePath), options.PagePath, "page");
        Path(problems, nameof(options.HealthPath), options.HealthPath, "health endpoint");
        if (!string.IsNullOrEmpty(options.PagePath)
            && string.Equals(options.PagePath.TrimEnd('/'), options.HealthPath?.TrimEnd('/'), StringComparison.OrdinalIgnoreCase))
        {
            problems.Add($"{Key(nameof(options.PagePath))} and {Key(nameof(options.HealthPath))} are both '{options.PagePath}'. Each "
                + "needs a path of its own, or none.");
        }

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static void Within<T>(List<string> problems, string key, T value, T lowest, T highest)
        where T : IComparable<T>
    {
        if (value.CompareTo(lowest) < 0 || value.CompareTo(highest) > 0)
        {
            problems.Add($"{Key(key)} is {value}. It must be from {lowest} to {highest}.");
        }
    }

    private static void WholeSeconds(List<string> problems, string key, TimeSpan value)
    {
        if (value.Ticks % TimeSpan.TicksPerSecond != 0)
        {
            problems.Add($"{Key(key)} is {value}. It must be a whole number of seconds.");
        }
    }

    private static void Peers(List<string> problems, IList<string> peers)
    {
        const int MaxPeers = 5;
        var count = peers.Count(static peer => !string.IsNullOrWhiteSpace(peer));
        if (count > MaxPeers)
        {
            problems.Add($"{Key(nameof(MeshRegistryOptions.Peers))} has {count} entries. Every registry talks to every other; "
                + $"{MaxPeers} is the most that makes sense.");
        }

        for (var i = 0; i < peers.Count; i++)
        {
            // The value may contain a password and is not repeated.
            if (peers[i]?.Contains(',', StringComparison.Ordinal) == true)
            {
                problems.Add($"{Key(nameof(MeshRegistryOptions.Peers))}:{i} holds several addresses. Write each as an entry of its own.");
            }
            else if (!string.IsNullOrWhiteSpace(peers[i])
                && (!Uri.TryCreate(peers[i], UriKind.Absolute, out var uri)
                    || uri.Scheme is not ("http" or "https")
                    || uri.Query.Length > 0
                    || uri.Fragment.Length > 0))
            {
                problems.Add($"{Key(nameof(MeshRegistryOptions.Peers))}:{i} is not the URL of a registry. It must look like "
                    + "http://registry-2:8761/eureka/.");
            }
        }
    }

    private static void Access(List<string> problems, MeshRegistryOptions options)
    {
        if (string.IsNullOrEmpty(options.Username) != string.IsNullOrEmpty(options.Password))
        {
            problems.Add($"{Key(nameof(options.Username))} and {Key(nameof(options.Password))} belong together: set both or none.");
        }

        if (options.Username is { } name && (name.Length > 256 || name.Contains(':', StringComparison.Ordinal)))
        {
            problems.Add($"{Key(nameof(options.Username))} must have at most 256 characters and no colon.");
        }
    }

    private static void Path(List<string> problems, string key, string? path, string what)
    {
        if (!string.IsNullOrEmpty(path) && (path[0] != '/' || path.AsSpan().ContainsAny('{', '}', '?')))
        {
            problems.Add($"{Key(key)} is '{path}'. It must start with '/' and be a plain path, or be empty for no {what}.");
        }
    }

    private static string Key(string name) => $"{RegistrySettings.SectionName}:{name}";
}
