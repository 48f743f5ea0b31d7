using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Balancing;

/// <summary>One after the other. The start is random: processes that start together must not all begin with the same endpoint.</summary>
internal sealed class RoundRobinBalancer(IRandomSource random) : ILoadBalancer
{
    private int _next = random.Next(int.MaxValue);

    // A retry without a choice takes no turn: with two endpoints, every call would begin with the failing one.
    public int Pick(in EndpointCandidates candidates) =>
        candidates.Count == 1 ? 0 : (int)((uint)Interlocked.Increment(ref _next) % (uint)candidates.Count);
}
