using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Eureka;

/// <summary>What a snapshot file says.</summary>
/// <param name="Written">When it was written.</param>
/// <param name="Registries">The servers that the list comes from, without credentials.</param>
/// <param name="Applications">The list.</param>
internal sealed record SnapshotContent(DateTimeOffset Written, IReadOnlyList<string> Registries, EurekaApplications Applications);
