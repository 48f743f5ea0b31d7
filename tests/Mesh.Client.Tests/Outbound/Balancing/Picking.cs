using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Outbound.Balancing;

/// <summary>A policy outside of any service.</summary>
internal static class Picking
{
    public static Endpoint Pick(this ILoadBalancer balancer, ReadOnlySpan<Endpoint> candidates, MeshTime now) =>
        candidates[balancer.Pick(new EndpointCandidates(balancer, candidates, now))];

    public static LoadBalancerCatalog Catalog(
        FakeTimeProvider? time = null, ILogger<LoadBalancerCatalog>? logger = null, params ILoadBalancerFactory[] own) =>
        new(
            new RandomSource(),
            new MeshClock(time ?? new FakeTimeProvider()),
            own,
            new(() => logger ?? NullLogger<LoadBalancerCatalog>.Instance));
}
