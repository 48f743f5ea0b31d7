using Mesh.Client.Options;

namespace Mesh.Client.Configuration;

/// <summary>Checks the settings of one kind of registry, which the adapter knows.</summary>
internal interface ISettingsValidator
{
    /// <param name="root">The key of the section <c>Mesh</c>.</param>
    /// <param name="options">The settings of the section.</param>
    /// <param name="mistakes">Receives the mistakes.</param>
    void Validate(string root, MeshOptions options, ConfigurationErrors mistakes);
}
