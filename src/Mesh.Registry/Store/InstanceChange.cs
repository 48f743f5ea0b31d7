using Mesh.Registry.Instances;

namespace Mesh.Registry.Store;

/// <summary>The latest change of one instance and when it happened, on the monotonic clock.</summary>
internal readonly record struct InstanceChange(RegisteredInstance Instance, long Timestamp);
