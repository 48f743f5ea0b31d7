using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using Mesh.Registry.Instances;
using Mesh.Registry.Store;
using Mesh.Registry.Telemetry;
using Mesh.Registry.Wire;

namespace Mesh.Registry.Replication;

/// <summary>Passes changes on to one peer, in order, and keeps trying while the peer is away.</summary>
internal sealed partial class PeerLink(
    Uri peer,
    RegistryStore store,
    RegistrationReader reader,
    RegistrySettings settings,
    TimeProvider time,
    GuardedLogger<Replicator> logger) : IDisposable
{
    // The largest batch of a Netflix server.
    private const int MaxBatch = 250;
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(5);

    // After this long without a message the peer is asked whether it is still there.
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(30);
    private static readonly ReadOnlyMemory<byte> Nothing = "{\"replicationList\":[]}"u8.ToArray();

    private readonly PeerClient _client = new(peer, settings);
    private readonly PendingChanges _pending = new(settings.MaxChanges);
    private readonly RefusedByPeer _refused = new();
    private volatile bool _isReachable;
    private long _failures;
    private bool _overflowReported;

    public Uri Address => _client.Address;

    /// <summary>Gets whether the peer answered the last request, which is at most half a minute old.</summary>
    public bool IsReachable => _isReachable;

    public int Pending => _pending.Count;

    public long Failures => Interlocked.Read(ref _failures);

    public void Tell(InstanceKey key, ReplicationAction action, InstanceStatus status = default)
    {
        if (!_pending.Add(key, PendingChange.Of(action, status)) && !_overflowReported)
        {
            _overflowReported = true;
            LogOverflow(logger, Address, settings.MaxChanges);
        }
    }

    /// <summary>Copies all instances of the peer.</summary>
    /// <returns>The number of instances, or null when they could not be read.</returns>
    public async Task<int?> CopyAsync(CancellationToken timeout, CancellationToken stopping)
    {
        try
        {
            using var document = await _client.ReadAllAsync(timeout).ConfigureAwait(false);
            Reached();
            return PeerListing.Register(document.RootElement, store, reader);
        }
        catch (Exception error) when (IsPeerFault(error, stopping))
        {
            Failed(error);
            return null;
        }
    }

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var changes = await NextAsync(stopping).ConfigureAwait(false);
            if (changes.Count > 0)
            {
                await TellAsync(changes, 0, changes.Count, stopping).ConfigureAwait(false);
            }
            else
            {
                await ProbeAsync(stopping).ConfigureAwait(false);
            }
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _pending.Dispose();
    }

    /// <summary>Waits for changes.</summary>
    /// <returns>The changes, or none after so long a silence that the peer must be asked whether it answers.</returns>
    private async Task<List<KeyValuePair<InstanceKey, PendingChange>>> NextAsync(CancellationToken stopping)
    {
        using var silence = new CancellationTokenSource(_isReachable ? MaxSilence : MaxPause, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, stopping);
        try
        {
            return await _pending.TakeAsync(MaxBatch, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return [];
        }
    }

    /// <summary>
    /// Sends an empty batch: a registry without clients of its own would otherwise never learn that the peer has started or stopped.
    /// </summary>
    private async Task ProbeAsync(CancellationToken stopping)
    {
        try
        {
            using var answer = await _client.SendAsync(Nothing, stopping).ConfigureAwait(false);
            Reached();
        }
        catch (Exception error) when (IsRefusal(error))
        {
            // A peer that refuses an empty batch is there all the same.
            Reached();
        }
        catch (Exception error) when (IsPeerFault(error, stopping))
        {
            Failed(error);
        }
    }

    /// <summary>
    /// Sends some of the changes, in order, and repeats until the peer has them. A batch that is refused as a whole is sent in halves, so
    /// that only the changes that the peer cannot accept are lost.
    /// </summary>
    private async Task TellAsync(List<KeyValuePair<InstanceKey, PendingChange>> changes, int first, int end, CancellationToken stopping)
    {
        var pause = MinPause;
        while (first < end)
        {
            var (done, refused) = await TrySendAsync(changes, first, end, stopping).ConfigureAwait(false);
            if (refused > 1)
            {
                done = refused / 2;
                await TellAsync(changes, first, first + done, stopping).ConfigureAwait(false);
            }

            first += done;
            if (done > 0)
            {
                pause = MinPause;
                continue;
            }

            // The order must hold, so everything waits behind a change that could not be sent.
            await Task.Delay(pause, time, stopping).ConfigureAwait(false);
            pause = pause * 2 < MaxPause ? pause * 2 : MaxPause;
        }
    }

    /// <returns>How many changes are done, and how many were refused together.</returns>
    private async Task<(int Done, int Refused)> TrySendAsync(
        List<KeyValuePair<InstanceKey, PendingChange>> changes, int first, int end, CancellationToken stopping)
    {
        // Written anew for each try, with the present state. A peer is assumed to have the same limits as this registry.
        var part = CollectionsMarshal.AsSpan(changes)[first..end];
        var (body, items, count) = BatchWriter.Write(part, settings.MaxBatchBytes, store.Snapshot, time.GetUtcNow());
        if (items.Count == 0)
        {
            return (count, 0);
        }

        try
        {
            using var answer = await _client.SendAsync(body, stopping).ConfigureAwait(false);
            Reached();
            Read(answer.RootElement, items);
            return (count, 0);
        }
        catch (HttpRequestException refused) when (IsRefusal(refused))
        {
            // It would be refused for ever, but the peer is there.
            Interlocked.Increment(ref _failures);
            Reached();
            if (count > 1)
            {
                return (0, count);
            }

            var key = changes[first].Key;
            if (_refused.IsNew(key))
            {
                LogRefused(logger, Address, key.App, key.Id, (int)refused.StatusCode!);
            }

            return (1, 0);
        }
        catch (Exception error) when (IsPeerFault(error, stopping))
        {
            Failed(error);
            return (0, 0);
        }
    }

    private void Read(JsonElement answer, List<ReplicationItem> items)
    {
        if (answer.ValueKind != JsonValueKind.Object
            || !answer.TryGetProperty("responseList", out var list)
            || list.ValueKind != JsonValueKind.Array)
        {
            return;
        }

        var index = 0;
        foreach (var line in list.EnumerateArray())
        {
            if (index == items.Count)
            {
                return;
            }

            var item = items[index++];
            var code = line.TryGetProperty("statusCode", out var number) && number.TryGetInt32(out var value) ? value : 0;
            if (code == 404 && item.Action == ReplicationAction.Heartbeat)
            {
                Tell(item.Key, ReplicationAction.Register);
            }
            else if (code == 409 && line.TryGetProperty("responseEntity", out var newer) && newer.ValueKind == JsonValueKind.Object)
            {
                PeerListing.Register(newer, item.Key.App, store, reader);
            }
        }
    }

    private void Reached()
    {
        if (!_isReachable)
        {
            // Logged first, so that the log already says so when the peer appears as reachable.
            _overflowReported = false;
            LogReached(logger, Address);
            _isReachable = true;
        }
    }

    private void Failed(Exception error)
    {
        // Once per absence: there is a try every few seconds.
        if (Interlocked.Increment(ref _failures) == 1 || _isReachable)
        {
            LogUnreachable(logger, Address, error.Message.TrimEnd('.'));
        }

        _isReachable = false;
    }

    private static bool IsRefusal(Exception error) =>
        error is HttpRequestException { StatusCode: HttpStatusCode.BadRequest or HttpStatusCode.RequestEntityTooLarge };

    private static bool IsPeerFault(Exception error, CancellationToken stopping) =>
        error is HttpRequestException or JsonException or InvalidOperationException
        || (error is OperationCanceledException && !stopping.IsCancellationRequested);
}
