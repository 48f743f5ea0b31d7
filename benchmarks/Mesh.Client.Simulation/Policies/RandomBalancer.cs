using Mesh.Client.Balancing;
using Mesh.Client.Discovery;

namespace Mesh.Client.Simulation.Policies;

/// <summary>Any server.</summary>
internal sealed class RandomBalancer(IRandomSource random) : ILoadBalancer
{
    public Endpoint Pick(ReadOnlySpan<Endpoint> candidates, long now) => candidates[random.Next(candidates.Length)];
}
