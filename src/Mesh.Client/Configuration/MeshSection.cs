using Microsoft.Extensions.Configuration;

namespace Mesh.Client.Configuration;

/// <summary>The section given to <c>AddMesh</c> in place of <c>Mesh</c> of the application's configuration.</summary>
internal sealed record MeshSection(IConfigurationSection Section);
