using Mesh.Registry.Instances;

namespace Mesh.Registry.Replication;

/// <summary>The messages that a peer still needs, one entry per instance, in the order of the changes.</summary>
internal sealed class PendingChanges(int capacity) : IDisposable
{
    // Guards the two collections, which always hold the same keys.
    private readonly Lock _gate = new();
    private readonly Queue<InstanceKey> _order = new();
    private readonly Dictionary<InstanceKey, PendingChange> _changes = [];

    // At most one: it only says that there is something.
    private readonly SemaphoreSlim _signal = new(0, 1);

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _changes.Count;
            }
        }
    }

    /// <summary>Adds a change.</summary>
    /// <returns>False when there is no room: the peer then learns about the instance from its next heartbeat.</returns>
    public bool Add(InstanceKey key, PendingChange change)
    {
        lock (_gate)
        {
            if (_changes.TryGetValue(key, out var earlier))
            {
                _changes[key] = earlier.Then(change);
                return true;
            }

            if (_changes.Count >= capacity)
            {
                return false;
            }

            _changes.Add(key, change);
            _order.Enqueue(key);
            if (_signal.CurrentCount == 0)
            {
                _signal.Release();
            }

            return true;
        }
    }

    /// <summary>Waits until there is something, and takes the oldest.</summary>
    public async Task<List<KeyValuePair<InstanceKey, PendingChange>>> TakeAsync(int most, CancellationToken cancellationToken)
    {
        await _signal.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            List<KeyValuePair<InstanceKey, PendingChange>> taken = new(Math.Min(most, _order.Count));
            while (taken.Count < most && _order.TryDequeue(out var key))
            {
                _changes.Remove(key, out var change);
                taken.Add(KeyValuePair.Create(key, change));
            }

            if (_order.Count > 0)
            {
                _signal.Release();
            }

            return taken;
        }
    }

    public void Dispose() => _signal.Dispose();
}
