using System.Diagnostics;
using Mesh.Client.Configuration;
using Mesh.Client.Eureka;
using Mesh.Client.Inbound;
using Mesh.Client.Lifecycle;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Primitives;
using Mesh.Client.Registration;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;

namespace Mesh.Client.DependencyInjection;

/// <summary>Registers discovery by Eureka, the life cycle and the server's middleware.</summary>
internal static class LifecycleRegistration
{
    public static IServiceCollection AddMeshLifecycle(this IServiceCollection services)
    {
        services.TryAddSingleton<RegistryMetrics>();
        services.TryAddSingleton<EurekaClient>();
        services.TryAddSingleton<EurekaRegistration>();
        services.TryAddSingleton<OwnRegistration>();
        services.TryAddSingleton<IMeshRegistration>(static provider => provider.GetRequiredService<OwnRegistration>());
        services.TryAddSingleton<RegistrySnapshot>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IMeshSource, EurekaSource>());

        services.TryAddSingleton<IWrittenKeys>(static provider => provider.GetRequiredService<MeshConfigurationSource>());
        services.TryAddSingleton(provider => new RegistrationPlan(
            provider.GetRequiredService<ModelInForce>(),
            provider.GetRequiredService<IWrittenKeys>(),
            MachineAddress.Find));
        services.TryAddSingleton<RegistrationReload>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IServiceRegistrar, EurekaRegistrar>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ISettingsValidator, EurekaOptionsValidator>());

        // By factory: not every application has health checks.
        services.TryAddSingleton(static provider => new HealthChecks(
            provider.GetRequiredService<ModelInForce>(),
            provider.GetRequiredService<IWrittenKeys>(),
            provider.GetRequiredKeyedService<TimeProvider>(OwnClockAttribute.Name),
            provider.GetRequiredService<GuardedLogger<LogCategories.HealthWatch>>(),
            provider.GetRequiredService<IServiceScopeFactory>(),
            provider.GetService<HealthCheckService>(),
            provider.GetService<IOptions<HealthCheckServiceOptions>>()));
        services.TryAddSingleton<ReadinessGate>();
        services.TryAddSingleton<IStopSignals, PosixStopSignals>();
        services.TryAddSingleton<PendingStop>();
        DeferStop(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<HostOptions>, ShutdownTimeoutSetup>());

        // By factory: not every application has a server.
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MeshLifecycle>(provider => new MeshLifecycle(
            provider.GetRequiredService<ServiceDirectory>(),
            new Registrars(
                provider.GetServices<IServiceRegistrar>(),
                provider.GetRequiredKeyedService<TimeProvider>(OwnClockAttribute.Name),
                provider.GetRequiredService<GuardedLogger<LogCategories.MeshLifecycle>>()),
            provider.GetRequiredService<OwnRegistration>(),
            provider.GetRequiredService<ReadinessGate>(),
            provider.GetRequiredService<DrainState>(),
            provider.GetRequiredService<ModelInForce>(),
            provider.GetRequiredService<IHostApplicationLifetime>(),
            provider.GetRequiredService<IStopSignals>(),
            provider.GetRequiredService<PendingStop>(),
            provider.GetServices<IPostConfigureOptions<HostOptions>>().OfType<ShutdownTimeoutSetup>().Single(),
            provider.GetRequiredService<IOptions<HostOptions>>(),
            MachineAddress.Find,
            provider.GetRequiredKeyedService<TimeProvider>(OwnClockAttribute.Name),
            provider.GetRequiredService<GuardedLogger<LogCategories.MeshLifecycle>>(),
            provider.GetService<IServer>())));

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, HealthWatch>(static provider => new HealthWatch(
            provider.GetRequiredService<OwnRegistration>(),
            provider.GetRequiredService<ModelInForce>(),
            provider.GetRequiredKeyedService<TimeProvider>(OwnClockAttribute.Name),
            provider.GetRequiredService<HealthChecks>(),
            provider.GetRequiredService<GuardedLogger<LogCategories.HealthWatch>>())));

        services.TryAddSingleton<ServerMetrics>();
        services.TryAddSingleton<ServerAccessLog>();
        services.TryAddSingleton<ServerTelemetry>();

        // By factory: not every application has a host.
        services.TryAddSingleton(static provider => new CallerTrust(provider.GetService<IHostEnvironment>()?.IsDevelopment() ?? false));
        AddStartupFilter(services);
        AddTraceRules(services);
        return services;
    }

    /// <summary>Wraps the host's default parts. Where the application has replaced these by its own, they stay, and traces of untrusted
    /// callers are continued.</summary>
    private static void AddTraceRules(IServiceCollection services)
    {
        var factory = services.LastOrDefault(static service => service.ServiceType == typeof(IHttpContextFactory));
        var propagator = services.LastOrDefault(static service => service.ServiceType == typeof(DistributedContextPropagator));
        if ((factory is not null && factory.ImplementationType != typeof(DefaultHttpContextFactory))
            || propagator is { ImplementationInstance: null })
        {
            return;
        }

        services.Replace(ServiceDescriptor.Singleton<IHttpContextFactory>(static provider =>
            new DefaultHttpContextFactory(new ArrivingRequest.Services(
            provider,
            new ArrivingRequest(provider.GetService<IHttpContextAccessor>(), provider.GetRequiredService<ModelInForce>())))));
        services.Replace(ServiceDescriptor.Singleton<DistributedContextPropagator>(provider => new InboundPropagator(
            propagator?.ImplementationInstance as DistributedContextPropagator,
            provider.GetRequiredService<ModelInForce>(),
            provider.GetRequiredService<CallerTrust>())));
    }

    /// <summary>Replaces the host's own lifetime only: a lifetime that the application has chosen, or chooses later, stays.</summary>
    private static void DeferStop(IServiceCollection services)
    {
        if (services.LastOrDefault(static service =>
            service.ServiceType == typeof(IHostLifetime)) is { ImplementationType: { } type } descriptor
            && type == typeof(ConsoleLifetime))
        {
            services[services.IndexOf(descriptor)] = ServiceDescriptor.Singleton<IHostLifetime, StartupLifetime>();
        }
    }

    private static void AddStartupFilter(IServiceCollection services)
    {
        // The first filter is the outermost, so it goes to the front whatever was registered before.
        if (!services.Any(static service => service.ImplementationType == typeof(InboundStartupFilter)))
        {
            services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, InboundStartupFilter>());
        }
    }
}
