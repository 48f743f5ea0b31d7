using Mesh.Client.Outbound.Balancing;

namespace Mesh.Client.Tests.Outbound.Balancing;

public sealed class LeastRequestBalancerTests
{
    [Fact]
    public void Pick_prefers_fewer_requests_in_flight()
    {
        var endpoints = TestEndpoint.Many(2);
        endpoints[0].Load.Enter(default);
        var balancer = new LeastRequestBalancer(new SeededRandom(1));
        Assert.All(Enumerable.Range(0, 100), _ => Assert.Same(endpoints[1], balancer.Pick(endpoints, default)));
    }

    [Fact]
    public void Pick_never_takes_the_busiest_of_many()
    {
        var endpoints = TestEndpoint.Many(10);
        endpoints[4].Load.Enter(default);
        var balancer = new LeastRequestBalancer(new SeededRandom(1));
        var picks = Enumerable.Range(0, 10_000).Select(_ => balancer.Pick(endpoints, default)).CountBy(e => e.Name).ToDictionary();
        Assert.Equal(9, picks.Count);
        Assert.DoesNotContain(endpoints[4].Name, picks.Keys);
        Assert.All(picks.Values, count => Assert.InRange(count, 950, 1270));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1000)]
    public void Pick_reaches_all(int count)
    {
        var endpoints = TestEndpoint.Many(count);
        var balancer = new LeastRequestBalancer(new SeededRandom(1));
        for (var i = 0; i < count * 20; i++)
        {
            balancer.Pick(endpoints, default).Load.Enter(default);
        }

        Assert.All(endpoints, e => Assert.InRange(e.Load.InFlight, 14, 26));
    }
}
