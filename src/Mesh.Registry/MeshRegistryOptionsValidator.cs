using Microsoft.Extensions.Options;

namespace Mesh.Registry;

/// <summary>Names every wrong setting at once, so that nobody has to start the application once per mistake.</summary>
internal sealed class MeshRegistryOptionsValidator : IValidateOptions<MeshRegistryOptions>
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, MeshRegistryOptions options)
    {
        List<string> problems = [];
        Within(problems, nameof(options.EvictionInterval), options.EvictionInterval, Shortest, Day);
        Within(problems, nameof(options.MaxLeaseDuration), options.MaxLeaseDuration, Second, TimeSpan.FromDays(365));
        Within(problems, nameof(options.DefaultLeaseDuration), options.DefaultLeaseDuration, Second, TimeSpan.FromDays(365));
        Within(problems, nameof(options.DeltaRetention), options.DeltaRetention, Second, Day);
        Within(problems, nameof(options.ResponseMaxAge), options.ResponseMaxAge, Shortest, TimeSpan.FromHours(1));
        Within(problems, nameof(options.ResponseCache), options.ResponseCache, TimeSpan.Zero, TimeSpan.FromHours(1));
        Within(problems, nameof(options.MaxInstances), options.MaxInstances, 1, 1_000_000);
        Within(problems, nameof(options.MaxBodyBytes), options.MaxBodyBytes, 1_024, 16_777_216);
        Within(problems, nameof(options.MaxMetadataBytes), options.MaxMetadataBytes, 0, Math.Max(0, options.MaxBodyBytes));
        Within(problems, nameof(options.MaxNameLength), options.MaxNameLength, 16, 4_096);

        // The protocol carries leases in whole seconds; a fraction would be lost silently.
        WholeSeconds(problems, nameof(options.DefaultLeaseDuration), options.DefaultLeaseDuration);
        WholeSeconds(problems, nameof(options.MaxLeaseDuration), options.MaxLeaseDuration);

        if (options.DefaultLeaseDuration > options.MaxLeaseDuration)
        {
            problems.Add($"{Key(nameof(options.DefaultLeaseDuration))} is {options.DefaultLeaseDuration}, longer than {nameof(options.MaxLeaseDuration)} ({options.MaxLeaseDuration}). Lower the first or raise the second.");
        }

        if (!string.IsNullOrEmpty(options.PagePath) && (options.PagePath[0] != '/' || options.PagePath.AsSpan().ContainsAny('{', '}', '?')))
        {
            problems.Add($"{Key(nameof(options.PagePath))} is '{options.PagePath}'. It must start with '/' and be a plain path, or be empty for no page.");
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

    private static string Key(string name) => $"{RegistrySettings.SectionName}:{name}";
}
