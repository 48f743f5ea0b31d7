namespace Mesh.Registry.Store;

/// <summary>Counts since the start.</summary>
internal readonly record struct RegistryCounters(long Registered, long Cancelled, long Evicted, long Renewed = 0);
