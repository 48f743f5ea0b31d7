using System.Diagnostics.Metrics;
using Mesh.Client.Configuration;
using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Outbound.Balancing.Locality;
using Mesh.Client.Outbound.Calls;
using Mesh.Client.Outbound.Resilience;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;
using Mesh.Client.Security.EndpointRules;
using Mesh.Client.Security.Tokens;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Mesh.Client.DependencyInjection;

/// <summary>The parts of the request path. All of them live as long as the process: handlers come and go.</summary>
internal static class CoreRegistration
{
    /// <summary>The clock of the mesh; beside it the application's, which users' own parts of the mesh may ask for.</summary>
    public static void AddOwnClock(this IServiceCollection services)
    {
        services.TryAddKeyedSingleton(OwnClockAttribute.Name, TimeProvider.System);
        services.TryAddSingleton(TimeProvider.System);
    }

    public static IServiceCollection AddMeshCore(this IServiceCollection services)
    {
        services.AddMetrics();
        services.AddOwnClock();
        services.TryAddSingleton<IRandomSource, RandomSource>();
        services.TryAddSingleton<IHostResolver, SystemResolver>();
        services.TryAddSingleton<SecurityDowngrades>();

        // By factory: not every application has a host.
        services.TryAddSingleton(provider => new EndpointGuard(
            provider.GetRequiredService<ModelInForce>(),
            provider.GetService<IHostEnvironment>(),
            provider.GetRequiredService<GuardedLogger<LogCategories.EndpointGuard>>()));
        services.TryAddSingleton<IConnector, SocketConnector>();
        services.TryAddSingleton<SilentAddresses>();
        services.TryAddSingleton<ConnectionRace>();
        services.TryAddSingleton<EndpointDialer>();
        services.TryAddSingleton<ITransportFactory, SocketTransportFactory>();
        services.TryAddSingleton<MeshClock>();
        services.TryAddSingleton<ConfigurationMetrics>();

        // By factory: the observed instruments of the configuration have no consumer of their own. They are created with the instruments of
        // calls.
        services.TryAddSingleton(static provider =>
        {
            _ = provider.GetRequiredService<ConfigurationMetrics>();
            return new MeshMetrics(provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<ModelInForce>());
        });
        services.TryAddSingleton<LoadBalancerCatalog>();
        services.TryAddSingleton<CircuitBreakerFactory>();
        services.TryAddSingleton<ITokenSource, UserTokens>();

        // By factory: not every application has a host.
        services.TryAddSingleton(static provider => new Credentials(
            provider.GetRequiredService<ITokenSource>(),
            provider.GetRequiredService<MeshClock>(),
            provider.GetRequiredService<MeshMetrics>(),
            provider.GetService<IHostEnvironment>()?.IsDevelopment() ?? false));
        services.TryAddSingleton<SourceSignals>();
        services.TryAddSingleton(static provider => new LocalityProvider(provider.GetRequiredService<ModelInForce>()));
        services.TryAddSingleton<ServiceDependencies>();
        services.TryAddSingleton<NameWatch>();
        services.TryAddSingleton<SourceMetrics>();
        services.TryAddSingleton<IUpdateRules, UpdateRules>();
        services.TryAddSingleton<SourceJudge>();
        services.TryAddSingleton<IMeshOverrides, RunTimeOverrides>();
        services.TryAddSingleton<ServiceDirectory>();
        services.TryAddSingleton<RetryRules>();
        services.TryAddSingleton<RetryLoop>();
        services.TryAddSingleton<AccessLog>();
        services.TryAddSingleton<CallTelemetry>();
        services.TryAddSingleton<AttemptPipeline>();
        services.TryAddSingleton<CallPipeline>();
        return services;
    }
}
