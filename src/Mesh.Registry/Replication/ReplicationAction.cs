namespace Mesh.Registry.Replication;

/// <summary>What one registry tells another; the names are the protocol's.</summary>
internal enum ReplicationAction
{
    Register,
    Heartbeat,
    StatusUpdate,
    DeleteStatusOverride,
    Cancel,
}
