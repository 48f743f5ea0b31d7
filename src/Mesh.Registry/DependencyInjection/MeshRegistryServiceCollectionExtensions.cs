using Mesh.Registry;
using Mesh.Registry.Http;
using Mesh.Registry.Page;
using Mesh.Registry.Replication;
using Mesh.Registry.Store;
using Mesh.Registry.Telemetry;
using Mesh.Registry.Wire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the registry server to an application.</summary>
public static class MeshRegistryServiceCollectionExtensions
{
    /// <summary>Adds the registry server with the settings of the configuration section <c>Mesh:Registry</c>.</summary>
    /// <param name="services">The services of the application.</param>
    /// <returns><paramref name="services"/>, for further calls.</returns>
    /// <remarks>Calling it twice equals calling it once. Nothing is served before <c>MapMeshRegistry</c> is called on the
    /// application.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is <see langword="null"/>.</exception>
    public static IServiceCollection AddMeshRegistry(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (AddCore(services))
        {
            services.AddOptions<MeshRegistryOptions>().BindConfiguration(RegistrySettings.SectionName);
            services.AddSingleton<IValidateOptions<MeshRegistryOptions>>(static provider =>
                new RegistrySectionValidator(provider.GetRequiredService<IConfiguration>().GetSection(RegistrySettings.SectionName)));
        }

        return services;
    }

    /// <summary>Adds the registry server and sets options in code; they take precedence over the configuration section
    /// <c>Mesh:Registry</c>.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="services"/>, for further calls.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static IServiceCollection AddMeshRegistry(this IServiceCollection services, Action<MeshRegistryOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        services.AddMeshRegistry();
        services.Configure(configure);
        return services;
    }

    /// <summary>Adds the registry server with the settings of a configuration section, instead of <c>Mesh:Registry</c>.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="section">The section with the options.</param>
    /// <returns><paramref name="services"/>, for further calls.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    public static IServiceCollection AddMeshRegistry(this IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        AddCore(services);
        services.AddOptions<MeshRegistryOptions>().Bind(section);
        services.AddSingleton<IValidateOptions<MeshRegistryOptions>>(new RegistrySectionValidator(section));
        return services;
    }

    private static bool AddCore(IServiceCollection services)
    {
        if (services.Any(static service => service.ServiceType == typeof(RegistryStore)))
        {
            return false;
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddMetrics();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MeshRegistryOptions>, MeshRegistryOptionsValidator>());
        services.AddOptions<MeshRegistryOptions>().ValidateOnStart();
        services.AddSingleton(static provider => new RegistrySettings(provider.GetRequiredService<IOptions<MeshRegistryOptions>>().Value));

        // Every part of the package logs through this one; its comment says why.
        services.AddSingleton(typeof(GuardedLogger<>));
        services.AddSingleton<RegistryStore>();
        services.AddSingleton<LeaseWatch>();
        services.AddSingleton<ListingCache>();
        services.AddSingleton<RegistrationReader>();
        services.AddSingleton<RegistryGate>();
        services.AddSingleton<WarmUp>();
        services.AddSingleton<Replicator>();
        services.AddSingleton<RegistryMetrics>();
        services.AddSingleton<RefusalNotices>();
        services.AddSingleton<RegistrationEndpoint>();
        services.AddSingleton<InstanceEndpoints>();
        services.AddSingleton<ListingEndpoints>();
        services.AddSingleton<BatchEndpoint>();
        services.AddSingleton<StatusEndpoint>();
        services.AddSingleton<HealthEndpoint>();
        services.AddSingleton<RegistryPage>();
        services.AddHostedService<EvictionLoop>();
        services.AddHostedService<ReplicationLoop>();
        return true;
    }
}
