using Mesh.Client.Options;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client;

/// <summary>Configures the mesh in code, on top of the configuration.</summary>
/// <remarks>Settings in code apply after section <c>Mesh</c> is read, in the order of the calls, and again after each reload. They are
/// validated with the rest.</remarks>
public interface IMeshBuilder
{
    /// <summary>The application's services.</summary>
    IServiceCollection Services { get; }

    /// <summary>Sets how a service is called. Every host of this name is then a service, even one that looks like a DNS name.</summary>
    /// <param name="name">The service name; case does not matter.</param>
    /// <param name="configure">Changes the service's settings, which hold what the configuration says.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    IMeshBuilder AddService(string name, Action<ServiceOptions> configure);

    /// <summary>Changes any setting.</summary>
    /// <param name="configure">Changes the settings, which hold what the configuration says.</param>
    /// <returns>This builder.</returns>
    IMeshBuilder Configure(Action<MeshOptions> configure);
}
