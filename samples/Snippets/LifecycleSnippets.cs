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

    internal sealed class WarmUp : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(HealthCheckResult.Healthy());
    }
}
