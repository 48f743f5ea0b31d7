using Mesh.Registry.Instances;

namespace Mesh.Registry.Replication;

/// <summary>One line of a batch that was sent, to match it with its answer.</summary>
internal readonly record struct ReplicationItem(InstanceKey Key, ReplicationAction Action);
