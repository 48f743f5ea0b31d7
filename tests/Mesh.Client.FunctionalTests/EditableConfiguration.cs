using Microsoft.Extensions.Configuration;

namespace Mesh.Client.FunctionalTests;

/// <summary>A configuration whose content can be replaced while the application runs.</summary>
internal sealed class EditableConfiguration : IConfigurationSource
{
    private IReadOnlyDictionary<string, string?> _settings;

    public EditableConfiguration(IReadOnlyDictionary<string, string?> settings)
    {
        _settings = settings;
        Root = new ConfigurationBuilder().Add(this).Build();
    }

    public IConfigurationRoot Root { get; }

    public void Save(IReadOnlyDictionary<string, string?> settings)
    {
        _settings = settings;
        Root.Reload();
    }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => new Provider(this);

    private sealed class Provider(EditableConfiguration source) : ConfigurationProvider
    {
        public override void Load() => Data = new Dictionary<string, string?>(source._settings, StringComparer.OrdinalIgnoreCase);
    }
}
