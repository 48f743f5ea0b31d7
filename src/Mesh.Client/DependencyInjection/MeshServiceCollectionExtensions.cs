using Mesh.Client;
using Mesh.Client.DependencyInjection;
using Mesh.Client.Lifecycle;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts an application on the mesh.</summary>
public static class MeshServiceCollectionExtensions
{
    /// <summary>Gives every <see cref="HttpClient"/> of the factory, and the ASP.NET Core server if there is one, what section <c>Mesh</c> configures.</summary>
    /// <param name="services">The application's services.</param>
    /// <returns>A builder for settings in code.</returns>
    /// <remarks>Calling it twice is the same as calling it once.</remarks>
    public static IMeshBuilder AddMesh(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddHttpClient();
        services.AddOptions<MeshOptions>().BindConfiguration(MeshOptions.SectionName);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<MeshConfiguration>();
        services.AddMeshCore();
        services.TryAddSingleton<DrainState>();
        return new MeshBuilder(services);
    }
}
