using Mesh.Registry.Instances;

namespace Mesh.Registry.Store;

/// <summary>
/// The changes of the last minutes, one per instance, oldest first. Not thread-safe: the lock of the store guards it.
/// </summary>
internal sealed class ChangeLog(TimeSpan retention, int capacity, TimeProvider time)
{
    private readonly LinkedList<InstanceChange> _order = new();
    private readonly Dictionary<InstanceKey, LinkedListNode<InstanceChange>> _latest = [];
    private long? _lostAt;

    /// <summary>
    /// Gets whether every change of the retention time is still here. If not, clients must fetch everything: the hash alone would not show
    /// them the gap, because it only counts states.
    /// </summary>
    public bool IsComplete => _lostAt is not { } lost || time.GetElapsedTime(lost) > retention;

    public void Record(RegisteredInstance instance)
    {
        if (_latest.Remove(instance.Key, out var previous))
        {
            _order.Remove(previous);
        }

        _latest[instance.Key] = _order.AddLast(new InstanceChange(instance, time.GetTimestamp()));
        ForgetOld();
        while (_order.Count > capacity)
        {
            RemoveFirst();
            _lostAt = time.GetTimestamp();
        }
    }

    public RegisteredInstance[] Read()
    {
        ForgetOld();
        var result = new RegisteredInstance[_order.Count];
        var index = 0;
        foreach (var change in _order)
        {
            result[index++] = change.Instance;
        }

        return result;
    }

    private void ForgetOld()
    {
        while (_order.First is { } oldest && time.GetElapsedTime(oldest.Value.Timestamp) > retention)
        {
            RemoveFirst();
        }
    }

    private void RemoveFirst()
    {
        _latest.Remove(_order.First!.Value.Instance.Key);
        _order.RemoveFirst();
    }
}
