using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>Any endpoint, each as likely as the others.</summary>
internal sealed class RandomBalancer(IRandomSource random) : ILoadBalancer
{
    public int Pick(in EndpointCandidates candidates) => random.Next(candidates.Count);
}
