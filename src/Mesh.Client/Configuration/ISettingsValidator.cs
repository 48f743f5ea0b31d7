namespace Mesh.Client.Configuration;

/// <summary>Judges the settings of one kind of registry, which the adapter knows.</summary>
internal interface ISettingsValidator
{
    /// <param name="root">The key of the section <c>Mesh</c>.</param>
    /// <param name="options">What stands there.</param>
    /// <param name="mistakes">Takes what is found.</param>
    void Validate(string root, MeshOptions options, ConfigurationErrors mistakes);
}
