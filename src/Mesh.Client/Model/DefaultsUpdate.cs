using Mesh.Client.Options;

namespace Mesh.Client;

/// <summary>What a source says about all services.</summary>
/// <param name="settings">As under <c>Mesh:Defaults</c>; null: nothing any more.</param>
public sealed class DefaultsUpdate(ServiceOptions? settings) : MeshUpdate
{
    /// <summary>The settings. What protects (TLS, credentials, context) can only be made stricter than the application has it.</summary>
    public ServiceOptions? Settings => settings;
}
