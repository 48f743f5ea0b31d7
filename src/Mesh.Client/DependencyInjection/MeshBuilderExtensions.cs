using Mesh.Client;
using Mesh.Client.Configuration;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Settings of single services in code, and settings of further packages.</summary>
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

    /// <summary>Adds settings of a package, or of the application's own source, below section <c>Mesh</c>. Other keys there are refused at
    /// start, with a suggestion.</summary>
    /// <typeparam name="TOptions">The settings. To be had as <c>IOptions</c> and, following reloads, as <c>IOptionsMonitor</c>. To check
    /// them, add a validation to the options.</typeparam>
    /// <param name="mesh">The mesh.</param>
    /// <param name="path">Where they stand, such as <c>Discovery:HttpList</c>.</param>
    /// <param name="bind">Reads the section, usually by <c>Bind</c>.</param>
    /// <param name="keys">The keys that may stand there; none: any.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty or has an empty part, a key is empty, or these settings
    /// stand at another path already. Adding them again at the same one does nothing.</exception>
    public static IMeshBuilder AddSettings<TOptions>(
        this IMeshBuilder mesh, string path, Action<IConfigurationSection, TOptions> bind, params string[] keys)
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(mesh);
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(bind);
        ArgumentNullException.ThrowIfNull(keys);
        if (Array.Exists(keys, string.IsNullOrWhiteSpace))
        {
            throw new ArgumentException("A key is empty.", nameof(keys));
        }

        if (path.Split(':').Any(string.IsNullOrWhiteSpace))
        {
            throw new ArgumentException($"'{path}' is no path of settings: a part of it is empty.", nameof(path));
        }

        var known = mesh.Services
            .Where(static service => service.ServiceType == typeof(IKnownKeys))
            .Select(static service => service.ImplementationInstance)
            .OfType<FurtherKeys>()
            .FirstOrDefault(static keys => keys.Settings == typeof(TOptions));
        if (known is not null)
        {
            return string.Equals(known.Path, path, StringComparison.OrdinalIgnoreCase)
                ? mesh
                : throw new ArgumentException(
                    $"{typeof(TOptions).Name} is read from Mesh:{known.Path} already, so it cannot stand at '{path}', too.", nameof(path));
        }

        mesh.Services.AddOptions<TOptions>();
        mesh.Services.AddSingleton<IKnownKeys>(new FurtherKeys(path, keys, typeof(TOptions)));
        mesh.Services.AddSingleton(provider => new FurtherSettings<TOptions>(
            provider.GetRequiredService<MeshConfigurationSource>(), provider.GetRequiredService<ModelInForce>(), path, bind));
        mesh.Services.AddSingleton<IConfigureOptions<TOptions>>(static provider =>
            provider.GetRequiredService<FurtherSettings<TOptions>>());
        mesh.Services.AddSingleton<IOptionsChangeTokenSource<TOptions>>(static provider =>
            provider.GetRequiredService<FurtherSettings<TOptions>>());
        return mesh;
    }
}
