using System.Globalization;
using Mesh.Client.Discovery;
using Mesh.Client.Outbound.Balancing.Locality;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Resilience;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Simulation.Policies;
using Mesh.Client.Simulation.Scenarios;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.Client.Simulation.Model;

/// <summary>A process that calls the servers: all state that the product keeps for a service.</summary>
internal sealed class SimulatedClient
{
    public SimulatedClient(int index, World world, Scenario scenario, SimulatedPolicy policy)
    {
        Index = index;
        Service = new Service("fleet", policy.Settings(scenario), new ServiceDependencies(
            world.Clock,
            world.Random,
            policy.Balancers(world),
            ProductParts.NoTransport,
            new CircuitBreakerFactory(world.Time, new(static () => NullLogger<CircuitBreakerFactory>.Instance)),
            ProductParts.Metrics,
            ProductParts.Guard,
            new SourceSignals(),
            Place(index, policy.HasOrdinals),
            new(static () => NullLogger<Service>.Instance)));
    }

    /// <summary>An instance of a service of its own, by what a registry would tell it.</summary>
    private static LocalityProvider Place(int index, bool ordinals)
    {
        var number = index.ToString(CultureInfo.InvariantCulture);
        var place = new LocalityProvider("callers", zone: null, "machine-" + number);
        if (ordinals)
        {
            place.Registers(number);
            place.Heard("callers", [new EndpointDescription
            {
                Address = new Uri("http://10.1.0.1:" + number), InstanceId = number, Labels = new Dictionary<string, string>
                {
                    [EndpointLocality.OrdinalLabel] = number,
                },
            }]);
        }

        return place;
    }

    public int Index { get; }

    public Service Service { get; }
}
