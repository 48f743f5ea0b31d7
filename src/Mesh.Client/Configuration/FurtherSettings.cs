using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Mesh.Client.Configuration;

/// <summary>Binds the settings of a package that is not this one, and tells its monitor of changes.</summary>
internal sealed class FurtherSettings<TOptions>(
    MeshConfigurationSource source, string path, Action<IConfigurationSection, TOptions> bind)
    : IConfigureOptions<TOptions>, IOptionsChangeTokenSource<TOptions>
    where TOptions : class
{
    public string? Name => Microsoft.Extensions.Options.Options.DefaultName;

    public void Configure(TOptions options) => bind(source.Mesh.GetSection(path), options);

    public IChangeToken GetChangeToken() => source.Mesh.GetReloadToken();
}
