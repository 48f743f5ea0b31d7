using Mesh.Client.Balancing;
using Mesh.Client.Discovery;

namespace Mesh.Client.Simulation.Policies;

/// <summary>A policy of the simulation that keeps its own account of the attempts.</summary>
internal interface IObservingBalancer : ILoadBalancer
{
    /// <summary>Called when an attempt has ended, however it did.</summary>
    void Observe(Endpoint endpoint, long now, double milliseconds);
}
