using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery;

/// <summary>Changes at run time: one for each subject, each with its end.</summary>
internal sealed partial class RunTimeOverrides(
    MeshStore store, IUpdateRules rules, [OwnClock] TimeProvider time, GuardedLogger<LogCategories.MeshStore> logger)
    : IMeshOverrides, IDisposable
{
    public static readonly TimeSpan MaxTime = TimeSpan.FromDays(7);

    /// <summary>The name under which they stand among what is said.</summary>
    public const string Name = "run time";

    // Guarded by the lock of all writers: a change of the configuration tells applications of it, which may change something here.
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<MeshOverride> Current
    {
        get
        {
            using (store.Hold())
            {
                return [.. _entries.Values.Select(static entry => Copy(entry.Change))];
            }
        }
    }

    public MeshUpdateResult Apply(MeshOverride change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (Mistakes(change) is { Count: > 0 } mistakes)
        {
            return MeshUpdateResult.Refused(mistakes);
        }

        var kept = Copy(change);
        var entry = new Entry(kept);
        using (store.Hold())
        {
            if (_entries.Remove(KeyOf(change.Service), out var before))
            {
                before.Timer?.Dispose();
            }

            _entries[KeyOf(change.Service)] = entry;
            store.Say(Name, MeshSourceRank.RunTime, change.Service, kept.Settings, CouldNotFollow);

            // Without the context of the request that makes the change.
            entry.Timer = time.CreateUnboundTimer(_ => End(entry), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            entry.Timer.Change(Duration.Max(change.Expires - time.GetUtcNow(), TimeSpan.Zero), Timeout.InfiniteTimeSpan);
        }

        LogApplied(logger, change.Expires, Keys(kept), SubjectOf(change.Service), Printable.Of(change.Reason));
        return MeshUpdateResult.Accepted;
    }

    public bool Remove(string? service)
    {
        if (service is not null)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(service);
        }

        Entry? entry;
        using (store.Hold())
        {
            if (!_entries.TryGetValue(KeyOf(service), out entry))
            {
                return false;
            }

            TakeBack(entry);
        }

        LogRemoved(logger, SubjectOf(service), Printable.Of(entry.Change.Reason));
        return true;
    }

    public void Dispose()
    {
        using (store.Hold())
        {
            foreach (var entry in _entries.Values)
            {
                entry.Timer?.Dispose();
            }

            _entries.Clear();
        }
    }

    /// <summary>Options are mutable: what is in force is handed to nobody.</summary>
    private static MeshOverride Copy(MeshOverride change) =>
        new(change.Service, ServiceSetting.Copy(change.Settings)!, change.Expires, change.Reason);

    private static string KeyOf(string? service) => service ?? string.Empty;

    private static string SubjectOf(string? service) => service is null ? "all services" : $"service '{Printable.Of(service)}'";

    /// <summary>The names of the settings: their values may be secret.</summary>
    private static string Keys(MeshOverride change) => string.Join(
        ", ", ServiceSetting.All.Where(setting => setting.Of(change.Settings) is not null).Select(static setting => setting.Key));

    private List<string> Mistakes(MeshOverride change)
    {
        List<string> mistakes = [];
        if (change.Service is { } name && !SourceName.IsUsable(name))
        {
            mistakes.Add($"Service: '{Printable.Of(name)}' cannot be a service name.");
        }

        if (change.Settings is null)
        {
            mistakes.Add("Settings: is null.");
        }
        else if (rules.Check(change.Service is { } service
            ? new ServiceUpdate(service) { Settings = change.Settings }
            : new DefaultsUpdate(change.Settings)) is { Count: > 0 } wrong)
        {
            mistakes.AddRange(wrong);
        }
        else if (ServiceSetting.Copy(change.Settings) is null)
        {
            mistakes.Add("Settings: nothing is set. To end a change, call Remove.");
        }

        var left = change.Expires - time.GetUtcNow();
        if (left <= TimeSpan.Zero || left > MaxTime)
        {
            mistakes.Add($"Expires: {change.Expires:u} is not within the next 7 days.");
        }

        if (string.IsNullOrWhiteSpace(change.Reason))
        {
            mistakes.Add("Reason: is empty. Write who changes this, and why.");
        }

        return mistakes;
    }

    private void End(Entry entry)
    {
        using (store.Hold())
        {
            if (!_entries.TryGetValue(KeyOf(entry.Change.Service), out var current) || current != entry)
            {
                return;
            }

            TakeBack(entry);
        }

        LogExpired(logger, SubjectOf(entry.Change.Service), Printable.Of(entry.Change.Reason));
    }

    private void TakeBack(Entry entry)
    {
        _entries.Remove(KeyOf(entry.Change.Service));
        entry.Timer?.Dispose();
        store.Say(Name, MeshSourceRank.RunTime, entry.Change.Service, null, CouldNotFollow);
    }

    private void CouldNotFollow(Exception exception, string? part) => LogFailed(logger, exception, part);

    [LoggerMessage(
        130,
        LogLevel.Warning,
        "Changed at run time until {Until:u}: {Settings} of {Subject}. Reason: {Reason}",
        EventName = "OverrideApplied")]
    private static partial void LogApplied(ILogger logger, DateTimeOffset until, string settings, string subject, string reason);

    [LoggerMessage(
        131,
        LogLevel.Information,
        "The change at run time of {Subject} is taken back. Its reason was: {Reason}",
        EventName = "OverrideRemoved")]
    private static partial void LogRemoved(ILogger logger, string subject, string reason);

    [LoggerMessage(
        132,
        LogLevel.Information,
        "The change at run time of {Subject} has ended at its time. Its reason was: {Reason}",
        EventName = "OverrideExpired")]
    private static partial void LogExpired(ILogger logger, string subject, string reason);

    [LoggerMessage(
        133,
        LogLevel.Error,
        "{Part} failed to follow a change at run time, and may go on with its old settings.",
        EventName = "OverrideNotFollowed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string? part);

    private sealed class Entry(MeshOverride change)
    {
        public MeshOverride Change => change;

        public ITimer? Timer { get; set; }
    }
}
