using Mesh.Client.Discovery;
using Mesh.Client.OutlierDetection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>The state of the services that an application calls, among its health checks.</summary>
public static class MeshHealthChecksBuilderExtensions
{
    private const string Tag = "mesh";

    /// <summary>Adds a check that says how many endpoints of each service are in use, ejected or draining. It calls nobody.</summary>
    /// <param name="builder">The builder of the health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <returns>The builder of the health checks.</returns>
    /// <remarks>Degraded when a service has no endpoint, or so few healthy ones that ejections are ignored (panic), or while its circuit breaker is not closed; never unhealthy, and tagged
    /// <c>mesh</c>: what others suffer from must not take this application out of service.</remarks>
    public static IHealthChecksBuilder AddMesh(this IHealthChecksBuilder builder, string name = Tag)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(name, static provider => new ServicesHealthCheck(provider.GetRequiredService<ServiceDirectory>()), HealthStatus.Degraded, [Tag]));
    }
}
