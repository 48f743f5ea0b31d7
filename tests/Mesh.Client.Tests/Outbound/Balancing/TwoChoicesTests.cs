using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Primitives;

namespace Mesh.Client.Tests.Outbound.Balancing;

/// <summary>Two endpoints at random, and the better one of them.</summary>
public sealed class TwoChoicesTests
{
    [Fact]
    public void Of_all_pairs_of_different_places_are_as_likely()
    {
        var pairs = new List<(int, int)>();
        for (var first = 0; first < 4; first++)
        {
            for (var second = 0; second < 3; second++)
            {
                pairs.Add(TwoChoices.Of(new Dice([first, second], 0), 4));
            }
        }

        Assert.Equal([.. Enumerable.Range(0, 16).Select(i => (i / 4, i % 4)).Where(pair => pair.Item1 != pair.Item2)], pairs);
    }

    [Theory]
    // Neither has failed, or the other one as much: the policy's word counts.
    [InlineData(0, 0, 0.99, true)]
    [InlineData(1, 1, 0.99, true)]
    [InlineData(1, 2, 0.99, true)]
    [InlineData(0, 3, 0.99, true)]
    // One failure halves the success, and that again by half: a quarter.
    [InlineData(1, 0, 0.24, true)]
    [InlineData(1, 0, 0.26, false)]
    [InlineData(2, 0, 0.12, true)]
    [InlineData(2, 0, 0.13, false)]
    // Compared with the success of the other.
    [InlineData(2, 1, 0.24, true)]
    [InlineData(2, 1, 0.26, false)]
    public void Settle_better_one_that_has_failed_more_wins_half_of_them_times_its_success(
        int betterFailures, int otherFailures, double chance, bool better)
    {
        var endpoints = TestEndpoint.Many(2);
        Fail(0, betterFailures);
        Fail(1, otherFailures);

        var candidates = new EndpointCandidates(new RandomBalancer(new RandomSource()), endpoints, now: default);
        Assert.Equal(better ? 0 : 1, TwoChoices.Settle(new Dice([], chance), candidates, 0, 1));

        void Fail(int place, int times)
        {
            for (var i = 0; i < times; i++)
            {
                endpoints[place].Load.ObserveFailure(default, overloaded: false);
            }
        }
    }

    private sealed class Dice(int[] throws, double chance) : IRandomSource
    {
        private int _next;

        public int Next(int exclusiveMax)
        {
            var thrown = throws[_next++];
            Assert.InRange(thrown, 0, exclusiveMax - 1);
            return thrown;
        }

        public double NextDouble() => chance;
    }
}
