namespace Mesh.Client.Configuration;

/// <summary>An application may host Mesh.Registry, which reads and checks <c>Mesh:Registry</c> itself.</summary>
internal sealed class RegistryKeys : IKnownKeys
{
    public string Path => "Registry";

    public KeySchema Schema => KeySchema.Foreign;
}
