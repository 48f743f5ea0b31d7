using System.Text.Json;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Eureka;

/// <summary>Saves on disk what the registry listed, for a process that starts while no registry answers. Off unless a file is
/// configured.</summary>
/// <remarks>Used by the loop of the source only. Files are accessed on another thread, so that a disk that hangs delays neither start nor
/// fetches.</remarks>
internal sealed partial class RegistrySnapshot(
    ModelInForce model, [OwnClock] TimeProvider time, GuardedLogger<LogCategories.RegistrySnapshot> logger)
{
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(5);

    private Task _writing = Task.CompletedTask;
    private bool _outdated;
    private bool _written;
    private long _writtenAt;

    // Read by the loop, written by the write that it has started.
    private volatile bool _failing;

    // Written by the loop, read by the report at start.
    private volatile bool _used;

    private static TimeSpan MaxPatience => TimeSpan.FromSeconds(1);

    /// <summary>How long to wait for the registry before the snapshot takes its place: well within the wait of the application's
    /// start.</summary>
    public TimeSpan Patience => Options.StartupWait / 2 < MaxPatience ? Options.StartupWait / 2 : MaxPatience;

    public bool IsWanted => !string.IsNullOrWhiteSpace(Options.SnapshotFile);

    /// <summary>Whether the snapshot stands in for the registry in this process, until an answer comes.</summary>
    public bool IsUsed => _used;

    private DiscoveryOptions Options => model.Current.Options.Discovery;

    /// <summary>The saved content, or null if there is none that may be used. A file that must not be used is logged.</summary>
    public async Task<SnapshotContent?> ReadAsync(CancellationToken cancellationToken)
    {
        if (Options is not { SnapshotFile: { } file } options)
        {
            return null;
        }

        try
        {
            var reading = Task.Run(() => SnapshotFile.Read(file) is { } bytes ? SnapshotFormat.Read(bytes) : null, cancellationToken);
            AbandonedTask.Watch(reading);
            var content = await reading.WaitAsync(ReadTimeout, time, cancellationToken).ConfigureAwait(false);
            if (content is null)
            {
                return null;
            }

            if (!content.Registries.Intersect(Registries(options), StringComparer.OrdinalIgnoreCase).Any())
            {
                LogRefused(file, "it is of another registry");
                return null;
            }

            // In both directions: a clock that was set back must not make an old file young.
            var age = time.GetUtcNow() - content.Written;
            if (age.Duration() > options.SnapshotMaxAge)
            {
                LogRefused(
                    file,
                    FormattableString.Invariant($"it was written at {content.Written:u}, and SnapshotMaxAge is {options.SnapshotMaxAge}"));
                return null;
            }

            return content;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException or TimeoutException
            or ArgumentException or NotSupportedException)
        {
            LogRefused(file, Printable.Of(failure.Message));
            return null;
        }
    }

    /// <summary>Reports that the snapshot stands in for the registry.</summary>
    public void ReportUse(SnapshotContent content)
    {
        _used = true;
        LogUsed(content.Applications.Instances.Count, Options.SnapshotFile ?? string.Empty, content.Written);
    }

    /// <summary>Writes the accepted instances, if they have changed, or if the file would become too old.</summary>
    public void Remember(IEnumerable<EurekaInstance> believed, bool changed)
    {
        _outdated |= changed;
        if (Options is not { SnapshotFile: { Length: > 0 } file } options || !_writing.IsCompleted)
        {
            return;
        }

        var refresh = options.SnapshotMaxAge / 4 < TimeSpan.FromHours(1) ? options.SnapshotMaxAge / 4 : TimeSpan.FromHours(1);
        if (!_outdated && _written && !_failing && time.GetElapsedTime(_writtenAt) < refresh)
        {
            return;
        }

        _outdated = false;
        _written = true;
        _writtenAt = time.GetTimestamp();
        EurekaInstance[] instances = [.. believed];
        _writing = Task.Run(() => Write(file, instances, [.. Registries(options)]));
    }

    /// <summary>Waits until a file under way is written, but not for a disk that hangs.</summary>
    public async Task EndAsync()
    {
        try
        {
            await _writing.WaitAsync(ReadTimeout, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The old file stays; a temporary one may stay beside it.
        }
    }

    private static IEnumerable<string> Registries(DiscoveryOptions options) =>
        EurekaServer.From(EurekaServers.All(options.Eureka)).Select(static server => server.Root.AbsoluteUri);

    private void Write(string file, EurekaInstance[] instances, string[] registries)
    {
        try
        {
            SnapshotFile.Write(file, stream => SnapshotFormat.Write(stream, instances, registries, time.GetUtcNow()));
            _failing = false;
        }
        catch (Exception failure)
        {
            // Tried again with the next fetch; said once.
            if (!_failing)
            {
                _failing = true;
                LogNotWritten(file, Printable.Of(failure.Message));
            }
        }
    }
}
