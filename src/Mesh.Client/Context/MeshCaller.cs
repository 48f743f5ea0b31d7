namespace Mesh.Client;

/// <summary>The service that a request says it comes from.</summary>
/// <param name="Name">The service's name.</param>
/// <param name="Version">Its version, if it has one.</param>
/// <remarks>For display only: anybody can write this. Decide about access by what a certificate or a token proves.</remarks>
public sealed record MeshCaller(string Name, string? Version);
