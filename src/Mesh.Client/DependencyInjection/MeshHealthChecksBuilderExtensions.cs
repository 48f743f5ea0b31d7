using Mesh.Client.Discovery;
using Mesh.Client.Lifecycle;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Registration;
using Mesh.Client.State;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Health checks for the services that an application calls, and for its own readiness.</summary>
public static class MeshHealthChecksBuilderExtensions
{
    private const string Tag = "mesh";
    private const string Ready = "ready";

    /// <summary>Adds a check that reports how many endpoints of each service are in use,
    /// ejected or draining. It sends no requests.</summary>
    /// <param name="builder">The builder of the health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="failureStatus">The status while a service has no endpoint, or too few healthy ones (panic: ejections are ignored), or
    /// while its circuit breaker is not closed. Default <see cref="HealthStatus.Degraded"/>.</param>
    /// <param name="tags">Its tags. Default <c>mesh</c>.</param>
    /// <returns>The builder of the health checks.</returns>
    /// <remarks>With <see cref="HealthStatus.Unhealthy"/> in a probe, the failures of others take this application out of service,
    /// too.</remarks>
    public static IHealthChecksBuilder AddMeshServices(
        this IHealthChecksBuilder builder, string name = Tag, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(
            new HealthCheckRegistration(
                name,
                static provider => new ServicesHealthCheck(
                    provider.GetRequiredService<ServiceDirectory>(),
                    provider.GetRequiredService<ModelInForce>(),
                    provider.GetRequiredService<SourceJudge>()),
                failureStatus ?? HealthStatus.Degraded,
                tags ?? [Tag]));
    }

    /// <summary>Adds a check, tagged <c>ready</c>, that fails as soon as the application begins to stop. For readiness probes: load
    /// balancers that do not know the mesh turn away while the application still serves.</summary>
    /// <param name="builder">The builder of the health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <returns>The builder of the health checks.</returns>
    /// <remarks>Unhealthy for <see cref="LifecycleOptions.DrainDelay"/>. Once the check has been read, the application waits for this delay
    /// even where it is not registered, unless the mesh is switched off or the server has no address (TestServer). Do not use it as a
    /// liveness probe: an orchestrator would kill the process during the delay. It has no influence on the application's own
    /// registration.</remarks>
    public static IHealthChecksBuilder AddMeshReadiness(this IHealthChecksBuilder builder, string name = "mesh-draining")
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name,
            static provider => new DrainingHealthCheck(provider.GetRequiredService<DrainState>()),
            HealthStatus.Unhealthy,
            [Ready, Tag]));
    }
}
