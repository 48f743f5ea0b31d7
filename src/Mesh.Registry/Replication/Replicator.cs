using Mesh.Registry.Instances;
using Mesh.Registry.Store;
using Mesh.Registry.Telemetry;
using Mesh.Registry.Wire;

namespace Mesh.Registry.Replication;

/// <summary>Passes the clients' changes on to all peers. Without peers it does nothing.</summary>
internal sealed class Replicator : IDisposable
{
    public Replicator(
        RegistrySettings settings, RegistryStore store, RegistrationReader reader, TimeProvider time, GuardedLogger<Replicator> logger) =>
        Peers = [.. settings.Peers.Select(peer => new PeerLink(peer, store, reader, settings, time, logger))];

    public PeerLink[] Peers { get; }

    public void Registered(InstanceKey key) => Tell(key, ReplicationAction.Register);

    public void Renewed(InstanceKey key) => Tell(key, ReplicationAction.Heartbeat);

    public void Cancelled(InstanceKey key) => Tell(key, ReplicationAction.Cancel);

    public void StatusSet(InstanceKey key, InstanceStatus status) => Tell(key, ReplicationAction.StatusUpdate, status);

    public void StatusCleared(InstanceKey key, InstanceStatus status) => Tell(key, ReplicationAction.DeleteStatusOverride, status);

    public void Dispose()
    {
        foreach (var peer in Peers)
        {
            peer.Dispose();
        }
    }

    private void Tell(InstanceKey key, ReplicationAction action, InstanceStatus status = default)
    {
        foreach (var peer in Peers)
        {
            peer.Tell(key, action, status);
        }
    }
}
