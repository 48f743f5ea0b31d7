namespace Mesh.Registry.Store;

/// <summary>The data for the page, the health endpoint and the metrics, from one moment.</summary>
internal sealed record RegistryReport(
    RegistrySnapshot Snapshot, RegistryCounters Counters, LeaseHealth Leases, int Expired, RegistryEvent[] Events);
