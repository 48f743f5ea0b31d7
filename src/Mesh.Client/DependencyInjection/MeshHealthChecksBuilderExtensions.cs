using Mesh.Client;
using Mesh.Client.Lifecycle;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Registration;
using Mesh.Client.State;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The state of the services that an application calls, among its health checks.</summary>
public static class MeshHealthChecksBuilderExtensions
{
    private const string Tag = "mesh";
    private const string Ready = "ready";

    /// <summary>Adds a check that reports how many endpoints of each service are in use,
    /// ejected or draining. It sends no requests.</summary>
    /// <param name="builder">The builder of the health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <returns>The builder of the health checks.</returns>
    /// <remarks>Degraded when a service has no endpoint, or so few healthy ones that ejections are ignored (panic), or while its circuit
    /// breaker is not closed. A service that neither the settings nor a source know any more counts for ten minutes after its last call.
    /// Healthy while the mesh is switched off; never unhealthy, and tagged <c>mesh</c>: what others suffer from must not
    /// take this application out of service.</remarks>
    public static IHealthChecksBuilder AddMesh(this IHealthChecksBuilder builder, string name = Tag)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(
            new HealthCheckRegistration(
                name,
                static provider => new ServicesHealthCheck(
                    provider.GetRequiredService<ServiceDirectory>(), provider.GetRequiredService<ModelInForce>()),
                HealthStatus.Degraded,
                [Tag]));
    }

    /// <summary>Adds a check, tagged <c>ready</c>, that fails from the moment in which the application begins to leave. For readiness
    /// probes: load balancers that do not know the mesh turn away while the application still serves.</summary>
    /// <param name="builder">The builder of the health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <returns>The builder of the health checks.</returns>
    /// <remarks>Unhealthy for <see cref="LifecycleOptions.DrainDelay"/>, which is waited for also where nothing is registered, once the
    /// check has been read, unless the mesh is switched off or the server has no address (TestServer). Keep it out of liveness probes: an
    /// orchestrator would end the process in the middle of it. It has no say in the application's own registration.</remarks>
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
