using Mesh.Client;
using Mesh.Client.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Settings of single services in code.</summary>
public static class MeshBuilderExtensions
{
    /// <summary>Sets how a service is called. Every host of this name is then a service, even one that looks like a DNS name.</summary>
    /// <param name="mesh">The mesh.</param>
    /// <param name="name">The service name; case does not matter.</param>
    /// <param name="configure">Changes the service's settings, which hold what the configuration says. Runs again after each
    /// reload.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public static IMeshBuilder AddService(this IMeshBuilder mesh, string name, Action<ServiceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(mesh);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(configure);
        mesh.Services.Configure<MeshOptions>(options =>
        {
            if (!options.Services.TryGetValue(name, out var service))
            {
                options.Services[name] = service = new ServiceOptions();
            }

            configure(service);
        });
        return mesh;
    }
}
