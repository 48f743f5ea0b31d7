using Microsoft.Extensions.Options;

namespace Mesh.Client.DependencyInjection;

/// <summary>Holds the configuration in force and tells who depends on it when it changes.</summary>
internal sealed class MeshConfiguration
{
    private readonly Lock _gate = new();
    private Action<MeshView>? _changed;
    private MeshView _current;

    public MeshConfiguration(IOptionsFactory<MeshOptions> factory) =>
        _current = new MeshView(factory.Create(Microsoft.Extensions.Options.Options.DefaultName), generation: 1);

    public MeshView Current => Volatile.Read(ref _current);

    /// <summary>Calls <paramref name="handler"/> with each later view, in order, one at a time.</summary>
    public void OnChange(Action<MeshView> handler)
    {
        lock (_gate)
        {
            _changed += handler;
        }
    }
}
