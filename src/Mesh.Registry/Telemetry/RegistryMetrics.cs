using System.Diagnostics.Metrics;
using Mesh.Registry.Instances;
using Mesh.Registry.Replication;
using Mesh.Registry.Store;

namespace Mesh.Registry.Telemetry;

/// <summary>All instruments of the registry. Values are read when they are collected, so they add nothing to a request.</summary>
internal sealed class RegistryMetrics : IDisposable
{
    public const string MeterName = "Mesh.Registry";

    private readonly Meter _meter;

    public RegistryMetrics(IMeterFactory factory, RegistryStore store, LeaseWatch leases, Replicator replicator)
    {
        _meter = factory.Create(MeterName);
        _meter.CreateObservableGauge(
            "mesh.registry.server.instances", () => Instances(store.Snapshot), "{instance}", "Registered instances by status.");
        _meter.CreateObservableGauge(
            "mesh.registry.server.services", () => store.Snapshot.Apps.Count, "{service}", "Services with at least one instance.");
        _meter.CreateObservableCounter(
            "mesh.registry.server.registrations", () => store.Counters.Registered, "{instance}", "Instances that came.");
        _meter.CreateObservableCounter(
            "mesh.registry.server.renewals", () => store.Counters.Renewed, "{heartbeat}", "Heartbeats that renewed a lease.");
        _meter.CreateObservableCounter(
            "mesh.registry.server.departures", () => Departures(store.Counters), "{instance}", "Instances that left, by reason.");
        _meter.CreateObservableGauge(
            "mesh.registry.server.self_preservation",
            () => leases.Current.Leases.Protected ? 1 : 0,
            "1",
            "1 while expired instances stay because too many are silent.");
        _meter.CreateObservableGauge(
            "mesh.registry.server.peer.reachable",
            () => Peers(replicator, static peer => peer.IsReachable ? 1 : 0),
            "1",
            "1 while a peer answers.");
        _meter.CreateObservableGauge(
            "mesh.registry.server.peer.pending",
            () => Peers(replicator, static peer => peer.Pending),
            "{instance}",
            "Instances of which a peer has still to be told.");
        _meter.CreateObservableCounter(
            "mesh.registry.server.peer.failures",
            () => Peers(replicator, static peer => peer.Failures),
            "{request}",
            "Requests to a peer that failed.");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<int>> Instances(RegistrySnapshot snapshot)
    {
        var counts = new int[InstanceStatusNames.Sorted.Length];
        foreach (var instances in snapshot.Apps.Values)
        {
            foreach (var instance in instances.Values)
            {
                counts[(int)instance.Status]++;
            }
        }

        return InstanceStatusNames.Sorted.Select(
            status => new Measurement<int>(counts[(int)status], KeyValuePair.Create<string, object?>("status", status.ToWire())));
    }

    private static Measurement<long>[] Departures(RegistryCounters counters) =>
    [
        new(counters.Cancelled, KeyValuePair.Create<string, object?>("reason", "cancelled")),
        new(counters.Evicted, KeyValuePair.Create<string, object?>("reason", "expired")),
    ];

    private static IEnumerable<Measurement<long>> Peers(Replicator replicator, Func<PeerLink, long> value) =>
        replicator.Peers.Select(
            peer => new Measurement<long>(value(peer), KeyValuePair.Create<string, object?>("peer", peer.Address.Authority)));
}
