namespace Mesh.Client.Outbound.Services;

/// <summary>The endpoints that one source names.</summary>
/// <param name="Rank">How much its word counts.</param>
/// <param name="Endpoints">All of them.</param>
/// <param name="Leaving">The ids of instances that it lists as leaving; null for none.</param>
internal readonly record struct SourceList(
    MeshSourceRank Rank, IReadOnlyList<EndpointDescription> Endpoints, IReadOnlySet<string>? Leaving);
