using Mesh.Client.Discovery;
using Mesh.Client.Resilience;
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
            new CircuitBreakerFactory(world.Time, NullLogger<CircuitBreakerFactory>.Instance),
            ProductParts.Metrics,
            ProductParts.Guard,
            new RefreshSignal(),
            NullLogger<Service>.Instance));
    }

    public int Index { get; }

    public Service Service { get; }
}
