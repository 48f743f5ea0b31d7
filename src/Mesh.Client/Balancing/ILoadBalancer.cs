using Mesh.Client.Discovery;

namespace Mesh.Client.Balancing;

/// <summary>Chooses one of the endpoints that may be used now. Synchronous, without allocation, safe on all threads.</summary>
internal interface ILoadBalancer
{
    /// <param name="candidates">One or more.</param>
    /// <param name="now">Microseconds.</param>
    Endpoint Pick(ReadOnlySpan<Endpoint> candidates, long now);
}
