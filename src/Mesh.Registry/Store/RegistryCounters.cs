namespace Mesh.Registry;

/// <summary>What happened since the start, for the words of the page.</summary>
internal readonly record struct RegistryCounters(long Registered, long Cancelled, long Evicted);
