using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Outbound.Balancing.Locality;

/// <summary>The endpoints of a level that are in one zone.</summary>
/// <param name="Name">Its name; empty for endpoints without a zone.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Nearest">The first endpoints in the order in which this process prefers them.</param>
internal sealed record PlannedZone(string Name, int Count, Endpoint[] Nearest);
