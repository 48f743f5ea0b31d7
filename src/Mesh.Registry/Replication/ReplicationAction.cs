namespace Mesh.Registry.Replication;

/// <summary>The kinds of messages between registries; the names are the protocol's.</summary>
internal enum ReplicationAction
{
    Register,
    Heartbeat,
    StatusUpdate,
    DeleteStatusOverride,
    Cancel,
}
