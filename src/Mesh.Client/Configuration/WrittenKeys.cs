using Mesh.Client.Model;

namespace Mesh.Client.Configuration;

/// <summary>Looks the key up in the configuration.</summary>
internal sealed class WrittenKeys(MeshConfigurationSource source) : IWrittenKeys
{
    public string Written(string setting) => SteeltoeMistakes.Written(source.Application, source.Mesh, $"{source.Mesh.Path}:{setting}");
}
