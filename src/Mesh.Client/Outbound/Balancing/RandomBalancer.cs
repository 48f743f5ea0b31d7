using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>Any endpoint, all with the same probability.</summary>
internal sealed class RandomBalancer(IRandomSource random) : ILoadBalancer
{
    public int Pick(in EndpointCandidates candidates) => random.Next(candidates.Count);
}
