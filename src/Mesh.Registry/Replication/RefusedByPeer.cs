using Mesh.Registry.Instances;

namespace Mesh.Registry.Replication;

/// <summary>The instances that a peer has refused: each is logged once and not at every heartbeat. Used by the loop of one peer
/// only.</summary>
internal sealed class RefusedByPeer
{
    private const int Capacity = 1_000;

    private readonly HashSet<InstanceKey> _keys = [];

    public bool IsNew(InstanceKey key)
    {
        if (_keys.Count >= Capacity)
        {
            _keys.Clear();
        }

        return _keys.Add(key);
    }
}
