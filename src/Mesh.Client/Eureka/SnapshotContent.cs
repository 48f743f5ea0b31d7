using Mesh.Client.Eureka.Wire;

namespace Mesh.Client.Eureka;

/// <summary>The content of a snapshot file.</summary>
/// <param name="Written">When it was written.</param>
/// <param name="Registries">The servers that the list comes from, without credentials.</param>
/// <param name="Applications">The list.</param>
internal sealed record SnapshotContent(DateTimeOffset Written, IReadOnlyList<string> Registries, EurekaApplications Applications);
