using Mesh.Client;
using Mesh.Client.Configuration;
using Mesh.Client.DependencyInjection;
using Mesh.Client.Inbound;
using Mesh.Client.Options;
using Mesh.Client.Outbound.HttpClients;
using Mesh.Client.Registration;
using Mesh.Client.State;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts an application on the mesh.</summary>
public static class MeshServiceCollectionExtensions
{
    /// <summary>Applies section <c>Mesh</c> to every <see cref="HttpClient"/> of the factory, and to the ASP.NET Core server if there is
    /// one.</summary>
    /// <param name="services">The application's services.</param>
    /// <returns>A builder for settings in code.</returns>
    /// <remarks>Calling it twice is the same as calling it once. Without an <see cref="IConfiguration"/> among the services the defaults
    /// apply. A configuration with mistakes stops the application at start, or at the first use of the mesh where there is no host. The
    /// error lists all mistakes.</remarks>
    public static IMeshBuilder AddMesh(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (!services.Any(service => service.ServiceType == typeof(MeshConfigurationSource)))
        {
            AddConfiguration(services);
            AddClient(services);
            services.AddMeshLifecycle();
            services.AddSingleton<IHostedService, StartReport>();
            services.TryAddSingleton<IMeshState, MeshState>();
            AddTelemetry(services);
        }

        return new MeshBuilder(services);
    }

    /// <inheritdoc cref="AddMesh(IServiceCollection)"/>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Settings in code. They apply after section <c>Mesh</c> is read, in the order of the calls, and again after
    /// each reload, and are validated with the rest.</param>
    public static IMeshBuilder AddMesh(this IServiceCollection services, Action<MeshOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var mesh = services.AddMesh();
        services.Configure(configure);
        return mesh;
    }

    /// <inheritdoc cref="AddMesh(IServiceCollection)"/>
    /// <param name="services">The application's services.</param>
    /// <param name="section">The section to read in place of <c>Mesh</c> in the application's configuration. If several are given, the last
    /// one counts.</param>
    public static IMeshBuilder AddMesh(this IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        var mesh = services.AddMesh();
        services.Replace(ServiceDescriptor.Singleton(new MeshSection(section)));
        return mesh;
    }

    private static void AddConfiguration(IServiceCollection services)
    {
        // Every part of the package logs through this one; its comment says why.
        services.AddSingleton(typeof(GuardedLogger<>));
        services.AddSingleton<MeshConfigurationSource>();
        services.AddSingleton<KeyWalker>();
        services.AddSingleton<IKnownKeys, RegistryKeys>();

        // Before anything that the application has configured already: settings in code apply on top of the configuration.
        InsertFirst(services, ServiceDescriptor.Singleton<IConfigureOptions<MeshOptions>, ConfigureMeshOptions>());
        services.AddSingleton<IPostConfigureOptions<MeshOptions>, DefaultIdentity>();
        services.AddSingleton<IPostConfigureOptions<MeshOptions>, InjectedEndpoints>();
        services.AddSingleton<IValidateOptions<MeshOptions>, MeshOptionsValidator>();
        services.AddTransient<IOptionsFactory<MeshOptions>, MeshOptionsFactory>();
        services.AddOptions<MeshOptions>().ValidateOnStart();
        services.AddOwnClock();
        services.TryAddSingleton<MeshConfiguration>();
        services.TryAddSingleton(static provider => provider.GetRequiredService<MeshConfiguration>().Store);
        services.TryAddSingleton(static provider => provider.GetRequiredService<MeshConfiguration>().Model);
        services.AddSingleton<IHostedService, SteeltoeReport>();
    }

    private static void AddClient(IServiceCollection services)
    {
        services.AddHttpClient();
        services.AddSingleton<StackedHandlerReport>();
        services.AddSingleton<PrimaryHandlerReport>();
        InsertFirst(services, ServiceDescriptor.Singleton<IHttpMessageHandlerBuilderFilter, MeshHandlerFilter>());
        services.AddMeshCore();
        services.TryAddSingleton<DrainState>();
        services.TryAddSingleton<ServerLoad>();
    }

    /// <summary>Adds the mesh to the application's OpenTelemetry providers; does nothing where there are none.</summary>
    private static void AddTelemetry(IServiceCollection services)
    {
        services.ConfigureOpenTelemetryTracerProvider(static tracing => tracing.AddSource(MeshTelemetry.ActivitySourceName));
        services.ConfigureOpenTelemetryTracerProvider(
            static (provider, tracing) => tracing.ConfigureResource(resource => MeshResource.NameIfUnknown(resource, provider)));
        services.ConfigureOpenTelemetryMeterProvider(static metrics => metrics.AddMeter(MeshTelemetry.MeterName));
        services.ConfigureOpenTelemetryMeterProvider(
            static (provider, metrics) => metrics.ConfigureResource(resource => MeshResource.NameIfUnknown(resource, provider)));
    }

    /// <summary>Registers a service ahead of those of the same type that are registered already.</summary>
    private static void InsertFirst(IServiceCollection services, ServiceDescriptor descriptor)
    {
        var index = 0;
        while (index < services.Count && services[index].ServiceType != descriptor.ServiceType)
        {
            index++;
        }

        services.Insert(index, descriptor);
    }
}
