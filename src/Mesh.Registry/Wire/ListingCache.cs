using Mesh.Registry.Instances;
using Mesh.Registry.Store;

namespace Mesh.Registry.Wire;

/// <summary>
/// Keeps the answers about the current state. A change of the registry replaces them at once, unless the operator wants them delayed;
/// without a change they are renewed from time to time, because heartbeats move the lease times that they show, and changes grow too old
/// for the delta.
/// </summary>
internal sealed class ListingCache(RegistryStore store, RegistrySettings settings, TimeProvider time)
{
    // Guards the replacement, so that many pollers after one change create one set and not one each.
    private readonly Lock _gate = new();
    private readonly ListingWriter _writer = new(time);
    private volatile Entry? _current;
    private long _deltaVersion;

    public ListingSet Current
    {
        get
        {
            if (IsFresh(_current) is { } fresh)
            {
                return fresh;
            }

            lock (_gate)
            {
                if (IsFresh(_current) is { } made)
                {
                    return made;
                }

                var set = new ListingSet(store.Read(), _writer, () => Interlocked.Increment(ref _deltaVersion));
                _current = new Entry(set, time.GetTimestamp());
                return set;
            }
        }
    }

    public byte[] Instance(WireForm form, RegisteredInstance instance) => _writer.WriteInstance(form.Full(), instance);

    private ListingSet? IsFresh(Entry? entry)
    {
        if (entry is null)
        {
            return null;
        }

        var longest = ReferenceEquals(entry.Set.Snapshot, store.Snapshot) ? settings.ResponseMaxAge : settings.ResponseCache;
        return time.GetElapsedTime(entry.MadeAt) < longest ? entry.Set : null;
    }

    private sealed record Entry(ListingSet Set, long MadeAt);
}
