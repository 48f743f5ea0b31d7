using System.Globalization;
using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Services;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.Client.State;

/// <summary>The state of the services that this application has called, or that its configuration names, in words.</summary>
internal sealed class ServicesHealthCheck(ServiceDirectory directory, ModelInForce model, SourceJudge judge) : IHealthCheck
{
    /// <summary>How long a service that is gone for good is looked at after its last call: nobody is there to mend it.</summary>
    private static readonly TimeSpan Interest = TimeSpan.FromMinutes(10);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!model.Current.IsEnabled)
        {
            return Task.FromResult(HealthCheckResult.Healthy("The mesh is switched off (Mesh:Enabled is false)."));
        }

        var data = new SortedDictionary<string, object>(StringComparer.Ordinal);
        var troubled = new List<string>();
        foreach (var service in directory.Services)
        {
            if (!service.Endpoints.IsResolved || !service.Matters)
            {
                // A registry lists many services that this application never calls: their failure does not concern it.
                continue;
            }

            var set = service.Endpoints.Current;
            if (IsForsaken(service, set))
            {
                continue;
            }

            var refuses = !service.Subsets[0].Breaker.IsClosed;
            data[service.Name] = Describe(set, refuses);
            if (set.Panic || refuses || set.All.Length == 0)
            {
                troubled.Add(service.Name);
            }
        }

        var count = data.Count;
        foreach (var refusal in judge.Refusals)
        {
            // What was said before is in force: the application is as healthy as it was.
            data[$"source '{refusal.Source}', {refusal.Subject}"] = $"refused: {string.Join(' ', refusal.Reasons)}";
        }

        return Task.FromResult(troubled.Count == 0
            ? HealthCheckResult.Healthy($"{count} services", data)
            : new HealthCheckResult(
                context.Registration.FailureStatus,
                "Without healthy endpoints, with too few, or with an open circuit: "
                    + $"{string.Join(", ", troubled.Order(StringComparer.Ordinal))}.",
                data: data));
    }

    /// <summary>Whether neither the settings nor a source know it any more, and nobody has called it for a while.</summary>
    private static bool IsForsaken(Service service, EndpointSet set) =>
        set.All.Length == 0
        && !service.Model.IsNamed
        && !service.Standing.IsListedWithoutUse
        && service.Endpoints is { RefusedCount: 0, WithoutTlsCount: 0 }
        && !service.Standing.IsCalledSince(service.Clock.Now - Interest);

    private static string Describe(EndpointSet set, bool refuses)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{set.Usable.Length} of {set.All.Length} endpoints in use, {set.Ejected.Length} ejected, {set.Draining.Length} draining");
        return text + (set.Panic ? ", panic" : "") + (refuses ? ", circuit open" : "");
    }
}
