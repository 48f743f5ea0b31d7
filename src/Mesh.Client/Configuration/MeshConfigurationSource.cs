using Mesh.Client.Model;
using Mesh.Client.Options;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Mesh.Client.Configuration;

/// <summary>What the mesh reads its settings from. An application without any configuration has an empty one.</summary>
internal sealed class MeshConfigurationSource : IWrittenKeys
{
    public MeshConfigurationSource(MeshSection? section = null, IConfiguration? application = null)
    {
        Application = application ?? new ConfigurationBuilder().Build();
        Mesh = section?.Section ?? Application.GetSection(MeshOptions.SectionName);
    }

    /// <summary>The mesh's own section.</summary>
    public IConfigurationSection Mesh { get; }

    /// <summary>The whole configuration, for the keys of Steeltoe and Spring.</summary>
    public IConfiguration Application { get; }

    /// <summary>Calls <paramref name="changed"/>, on any thread and possibly several times per change, until disposed.</summary>
    public IDisposable Watch(Action changed)
    {
        var application = ChangeToken.OnChange(Application.GetReloadToken, changed);
        var mesh = ChangeToken.OnChange(Mesh.GetReloadToken, changed);
        return new Watches(application, mesh);
    }

    /// <inheritdoc/>
    public string Written(string setting) => SteeltoeMistakes.Written(Application, Mesh, $"{Mesh.Path}:{setting}");

    /// <summary>Every key and value that the mesh reads, as they are now.</summary>
    public WrittenSettings Read() => new(
        Mesh.Path,
        [
            .. Mesh.AsEnumerable(),
            .. Application.GetSection(SteeltoeKeys.EurekaSection).AsEnumerable(),
            .. Application.GetSection(InjectedEndpoints.Section).AsEnumerable(),
            KeyValuePair.Create(SteeltoeKeys.ApplicationName, Application[SteeltoeKeys.ApplicationName]),
        ]);

    private sealed record Watches(IDisposable Application, IDisposable Mesh) : IDisposable
    {
        public void Dispose()
        {
            Application.Dispose();
            Mesh.Dispose();
        }
    }
}
