using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Primitives;

namespace Mesh.Client.Tests.Outbound.Balancing;

public sealed class RoundRobinBalancerTests
{
    [Fact]
    public void Pick_starts_anywhere_and_shares_evenly()
    {
        var endpoints = TestEndpoint.Many(3);
        var starts = new HashSet<string>();
        for (var seed = 0; seed < 30; seed++)
        {
            var balancer = new RoundRobinBalancer(new SeededRandom(seed));
            var picks = Enumerable.Range(0, 300).Select(_ => balancer.Pick(endpoints, default).Name).ToArray();
            starts.Add(picks[0]);
            Assert.All(picks.CountBy(name => name), pair => Assert.Equal(100, pair.Value));
            Assert.Equal(3, picks.Take(3).Distinct().Count());
        }

        Assert.Equal(3, starts.Count);
    }

    [Fact]
    public void Pick_retry_to_the_only_one_left_does_not_use_up_a_turn()
    {
        // Of two, one fails: with a turn for each retry, every call would begin with the one that fails.
        var endpoints = TestEndpoint.Many(2);
        var balancer = new RoundRobinBalancer(new SeededRandom(1));
        var first = 0;
        for (var i = 0; i < 100; i++)
        {
            if (balancer.Pick(endpoints, default) == endpoints[0])
            {
                first++;
                balancer.Pick(endpoints.AsSpan(1), default);
            }
        }

        Assert.Equal(50, first);
    }

    [Fact]
    public void Pick_goes_on_when_its_counter_wraps()
    {
        var endpoints = TestEndpoint.Many(3);
        var balancer = new RoundRobinBalancer(new Last());
        Assert.All(Enumerable.Range(0, 10), _ => Assert.Contains(balancer.Pick(endpoints, default), endpoints));
    }

    private sealed class Last : IRandomSource
    {
        public int Next(int exclusiveMax) => exclusiveMax - 1;

        public double NextDouble() => 0;
    }
}
