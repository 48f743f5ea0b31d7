using Mesh.Registry.Instances;

namespace Mesh.Registry.Store;

/// <summary>The last events, for the page. Not thread-safe: the lock of the store guards it.</summary>
internal sealed class RecentEvents
{
    public const int Capacity = 50;

    private readonly Queue<RegistryEvent> _events = new(Capacity + 1);

    public void Add(DateTimeOffset at, InstanceKey instance, string what)
    {
        _events.Enqueue(new RegistryEvent(at, instance, what));
        if (_events.Count > Capacity)
        {
            _events.Dequeue();
        }
    }

    /// <summary>The newest first.</summary>
    public RegistryEvent[] Read() => [.. _events.Reverse()];
}
