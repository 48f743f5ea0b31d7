using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client;

/// <summary>Configures the mesh in code, beside the configuration.</summary>
public interface IMeshBuilder
{
    /// <summary>The application's services.</summary>
    IServiceCollection Services { get; }
}
