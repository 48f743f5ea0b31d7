using System.Globalization;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Services;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.Client.State;

/// <summary>Describes the state of the services that this application has called, or that its configuration names.</summary>
internal sealed class ServicesHealthCheck(ServiceDirectory directory) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new SortedDictionary<string, object>(StringComparer.Ordinal);
        var troubled = new List<string>();
        foreach (var service in directory.Services)
        {
            if (!service.IsResolved || !service.Matters)
            {
                // A registry lists many services that this application never calls: their failure does not concern it.
                continue;
            }

            var set = service.Endpoints;
            var refuses = !service.Breaker.IsClosed;
            data[service.Name] = Describe(set, refuses);
            if (set.Panic || refuses || set.All.Length == 0)
            {
                troubled.Add(service.Name);
            }
        }

        return Task.FromResult(troubled.Count == 0
            ? HealthCheckResult.Healthy($"{data.Count} services", data)
            : HealthCheckResult.Degraded("Without healthy endpoints, with too few, or with an open circuit: "
                + $"{string.Join(", ", troubled.Order(StringComparer.Ordinal))}.", data: data));
    }

    private static string Describe(EndpointSet set, bool refuses)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{set.Usable.Length} of {set.All.Length} endpoints in use, {set.Ejected.Length} ejected, {set.Draining.Length} draining");
        return text + (set.Panic ? ", panic" : "") + (refuses ? ", circuit open" : "");
    }
}
