using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Snippets;

internal static class LifecycleSnippets
{
    public static void Readiness(WebApplicationBuilder builder)
    {
        // snippet: readiness
        builder.Services.AddHealthChecks().AddCheck<WarmUp>("warm-up", tags: ["ready"]);
        // end
    }

    public static void DrainingCheck(WebApplicationBuilder builder)
    {
        // snippet: draining-check
        builder.Services.AddHealthChecks().AddMeshReadiness();
        // end
    }

    public static void Probes(WebApplication app)
    {
        // snippet: probes
        app.MapHealthChecks("/readyz", new HealthCheckOptions { Predicate = check => check.Tags.Contains("ready") });
        app.MapHealthChecks("/livez", new HealthCheckOptions { Predicate = static _ => false });
        // end
    }

    internal sealed class WarmUp : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(HealthCheckResult.Healthy());
    }
}
