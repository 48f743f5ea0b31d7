using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry;
using Polly.CircuitBreaker;

namespace Mesh.Client.Outbound.Services;

/// <summary>The state of services as measurements for metrics.</summary>
internal static class ServiceObservations
{
    public static IEnumerable<Measurement<long>> Endpoints(IEnumerable<Service> services)
    {
        foreach (var service in services)
        {
            var set = service.Endpoints.Current;
            yield return At(set.Healthy.Length - set.StandbyCount, "healthy");
            yield return At(set.StandbyCount, "standby");
            yield return At(set.Ejected.Length, "ejected");
            yield return At(set.Draining.Length, "draining");
            yield return At(service.Endpoints.RefusedCount, "refused");

            Measurement<long> At(long count, string state) => new(count, new(MeshTags.Service, service.Name), new(MeshTags.State, state));
        }
    }

    public static IEnumerable<Measurement<int>> Circuits(IEnumerable<Service> services) =>
        services.Select(service => new Measurement<int>(
            service.Subsets[0].Breaker.State switch
            {
                CircuitState.Closed => 0,
                CircuitState.HalfOpen => 1,
                _ => 2,
            },
            new KeyValuePair<string, object?>(MeshTags.Service, service.Name)));
}
