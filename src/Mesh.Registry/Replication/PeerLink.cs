using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Mesh.Registry;

/// <summary>Tells one peer what happens here, in order, and goes on trying while the peer is away.</summary>
internal sealed partial class PeerLink(Uri peer, RegistryStore store, RegistrationReader reader, RegistrySettings settings, TimeProvider time, ILogger logger) : IDisposable
{
    // What a Netflix server sends at most in one batch.
    private const int MaxBatch = 250;
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly PeerClient _client = new(peer, settings);
    private readonly PendingChanges _pending = new(settings.MaxChanges);
    private volatile bool _isReachable;
    private long _failures;
    private bool _overflowReported;

    public Uri Address => _client.Address;

    /// <summary>Gets whether the last exchange succeeded.</summary>
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

    /// <summary>Copies what the peer knows.</summary>
    /// <returns>How many instances, or null when it could not be read.</returns>
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
            var changes = await _pending.TakeAsync(MaxBatch, stopping).ConfigureAwait(false);
            var pause = ShortestPause;
            for (var told = 0; told < changes.Count;)
            {
                var more = await TrySendAsync(changes, told, stopping).ConfigureAwait(false);
                told += more;
                if (more > 0)
                {
                    pause = ShortestPause;
                    continue;
                }

                // The order must hold, so that everything waits behind what could not be said.
                await Task.Delay(pause, time, stopping).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    public void Dispose()
    {
        _client.Dispose();
        _pending.Dispose();
    }

    /// <returns>How many changes need not be told any more.</returns>
    private async Task<int> TrySendAsync(List<KeyValuePair<InstanceKey, PendingChange>> changes, int first, CancellationToken stopping)
    {
        // Written anew for each try: what waited is told as it is now. A peer is taken to have the limits that this one has.
        var (body, items, count) = BatchWriter.Write(CollectionsMarshal.AsSpan(changes)[first..], settings.MaxBatchBytes, store.Snapshot, time.GetUtcNow());
        if (items.Count == 0)
        {
            return count;
        }

        try
        {
            using var answer = await _client.SendAsync(body, stopping).ConfigureAwait(false);
            Reached();
            Read(answer.RootElement, items);
            return count;
        }
        catch (HttpRequestException refused) when (refused.StatusCode is System.Net.HttpStatusCode.BadRequest or System.Net.HttpStatusCode.RequestEntityTooLarge)
        {
            // It would be refused for ever. Heartbeats tell the peer later what it misses.
            Interlocked.Increment(ref _failures);
            LogRefused(logger, Address, (int)refused.StatusCode, items.Count);
            return count;
        }
        catch (Exception error) when (IsPeerFault(error, stopping))
        {
            Failed(error);
            return 0;
        }
    }

    private void Read(JsonElement answer, List<ReplicationItem> items)
    {
        if (answer.ValueKind != JsonValueKind.Object || !answer.TryGetProperty("responseList", out var list) || list.ValueKind != JsonValueKind.Array)
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
            _isReachable = true;
            _overflowReported = false;
            LogReached(logger, Address);
        }
    }

    private void Failed(Exception error)
    {
        // Once per absence: the tries go on every few seconds.
        if (Interlocked.Increment(ref _failures) == 1 || _isReachable)
        {
            LogUnreachable(logger, Address, error.Message);
        }

        _isReachable = false;
    }

    private static bool IsPeerFault(Exception error, CancellationToken stopping) =>
        error is HttpRequestException or JsonException or InvalidOperationException || (error is OperationCanceledException && !stopping.IsCancellationRequested);
}
