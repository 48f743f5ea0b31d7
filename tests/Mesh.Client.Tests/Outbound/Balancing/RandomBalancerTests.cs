using Mesh.Client.Outbound.Balancing;

namespace Mesh.Client.Tests.Outbound.Balancing;

public sealed class RandomBalancerTests
{
    [Fact]
    public void Pick_any_is_as_likely_as_the_others()
    {
        var endpoints = TestEndpoint.Many(5);
        var balancer = new RandomBalancer(new SeededRandom(1));
        var picks = Enumerable.Range(0, 10_000).Select(_ => balancer.Pick(endpoints, default)).CountBy(e => e).ToDictionary();
        Assert.All(endpoints, e => Assert.InRange(picks[e], 1_850, 2_150));
    }
}
