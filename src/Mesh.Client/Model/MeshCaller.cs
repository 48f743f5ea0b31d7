namespace Mesh.Client;

/// <summary>The service that a request says it comes from.</summary>
/// <param name="Name">The service's name.</param>
/// <param name="Version">Its version, if it has one.</param>
/// <remarks>For display only: any caller can claim any name. Use a certificate or a token for access decisions.</remarks>
public sealed record MeshCaller(string Name, string? Version);
