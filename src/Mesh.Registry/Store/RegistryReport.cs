namespace Mesh.Registry.Store;

/// <summary>All that the page, the health endpoint and the metrics tell, taken at the same moment.</summary>
internal sealed record RegistryReport(
    RegistrySnapshot Snapshot, RegistryCounters Counters, LeaseHealth Leases, int Expired, RegistryEvent[] Events);
