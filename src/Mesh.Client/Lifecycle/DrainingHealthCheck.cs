using Mesh.Client.Registration;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.Client.Lifecycle;

/// <summary>Not ready once the application begins to stop, so that load balancers that do not know the mesh turn away.</summary>
internal sealed class DrainingHealthCheck(DrainState drain) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        drain.NoteWatcher();
        return Task.FromResult(drain.IsDraining
            ? new HealthCheckResult(
                context.Registration.FailureStatus,
                "Draining: the application is stopping, and still serves while its callers turn away.")
            : HealthCheckResult.Healthy());
    }
}
