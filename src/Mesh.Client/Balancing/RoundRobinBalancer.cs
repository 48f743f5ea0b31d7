namespace Mesh.Client.Balancing;

/// <summary>One after the other. The start is random: processes that start together must not all begin with the same endpoint.</summary>
internal sealed class RoundRobinBalancer(IRandomSource random) : ILoadBalancer
{
    private int _next = random.Next(int.MaxValue);

    public int Pick(in EndpointCandidates candidates) => (int)((uint)Interlocked.Increment(ref _next) % (uint)candidates.Count);
}
