using System.Collections.Frozen;

namespace Mesh.Client.Outbound.Endpoints;

/// <summary>The locality of this process among the instances of its own service. Immutable.</summary>
/// <param name="Zone">Its zone; null for none.</param>
/// <param name="Seed">Different for each process, and the same after a restart.</param>
/// <param name="Ring">Its place on the ring; null while it has no ordinal.</param>
/// <param name="Peers">The number of instances of its service in each zone; empty if unknown.</param>
internal sealed record OwnLocality(string? Zone, ulong Seed, uint? Ring, FrozenDictionary<string, int> Peers)
{
    /// <summary>The zone's share of all callers.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="zones">The number of zones. If their shares are unknown, they count as equal.</param>
    public double ShareOfCallers(string zone, int zones) =>
        Peers.Count == 0 ? 1.0 / zones : Peers.GetValueOrDefault(zone) / (double)Peers.Values.Sum();
}
