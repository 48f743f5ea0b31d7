using Mesh.Client.Model;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Mesh.Client.Configuration;

/// <summary>Binds the settings of a package that is not this one, and tells its monitor of changes: of those that the mesh has taken, so
/// that an edit with a mistake elsewhere changes nothing here.</summary>
#pragma warning disable CA1001 // A source without a timer has nothing to dispose of, and its token may be read at any time.
internal sealed class FurtherSettings<TOptions> : IConfigureOptions<TOptions>, IOptionsChangeTokenSource<TOptions>
    where TOptions : class
#pragma warning restore CA1001
{
    private readonly IConfigurationSection _section;
    private readonly Action<IConfigurationSection, TOptions> _bind;
    private CancellationTokenSource _changed = new();

    public FurtherSettings(
        MeshConfigurationSource source, ModelInForce model, string path, Action<IConfigurationSection, TOptions> bind)
    {
        _section = source.Mesh.GetSection(path);
        _bind = bind;
        model.OnChange(_ => Interlocked.Exchange(ref _changed, new CancellationTokenSource()).Cancel());
    }

    public string? Name => Microsoft.Extensions.Options.Options.DefaultName;

    public void Configure(TOptions options) => _bind(_section, options);

    public IChangeToken GetChangeToken() => new CancellationChangeToken(Volatile.Read(ref _changed).Token);
}
