using Mesh.Client.Registration;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.Client.Lifecycle;

/// <summary>Not ready once the application leaves, so that load balancers that know nothing of the mesh turn away from it.</summary>
internal sealed class DrainingHealthCheck(DrainState drain) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        drain.NoteWatcher();
        return Task.FromResult(drain.IsDraining
            ? new HealthCheckResult(
                context.Registration.FailureStatus,
                "Draining: the application stops, and serves on only while its callers learn of it.")
            : HealthCheckResult.Healthy());
    }
}
