using Mesh.Client.Options;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Configuration;

/// <summary>Fills the options from the configuration. First in line, so that settings in code come on top.</summary>
internal sealed class ConfigureMeshOptions(MeshConfigurationSource source, KeyWalker walker) : IConfigureOptions<MeshOptions>
{
    public void Configure(MeshOptions options)
    {
        Readable(source.Mesh).Bind(options);
        SteeltoeKeys.Apply(source.Application, options);
    }

    /// <summary>The section as the binder takes it: every value at the key it belongs to, and without the values that would stop the
    /// binder. The validator reports those together with all other mistakes.</summary>
    private IConfiguration Readable(IConfigurationSection section)
    {
        List<string> broken =
        [
            .. walker.Walk(section).Where(mistake => mistake.BreaksBinding).Select(mistake => mistake.Key),
            .. walker.EmptyEntries(section),
        ];
        var replaced = WholeLists.Replaced(source.Application, walker.WholeLists(section));
        var pairs = section.AsEnumerable()
            .Where(pair => pair.Key.Length > section.Path.Length
                && !replaced.Contains(pair.Key)
                && !broken.Exists(key => IsAtOrBelow(pair.Key, key)))
            .Select(pair => (Key: pair.Key[(section.Path.Length + 1)..], pair.Value))
            .Select(pair => KeyValuePair.Create(pair.Value is null ? pair.Key : walker.Canonical(pair.Key), pair.Value));
        return new ConfigurationBuilder().AddInMemoryCollection(pairs).Build();
    }

    private static bool IsAtOrBelow(string key, string place) =>
        key.StartsWith(place, StringComparison.OrdinalIgnoreCase) && (key.Length == place.Length || key[place.Length] == ':');
}
