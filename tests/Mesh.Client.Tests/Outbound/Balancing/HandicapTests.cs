using Mesh.Client.Outbound.Balancing;

namespace Mesh.Client.Tests.Outbound.Balancing;

/// <summary>What is put on the cost of an endpoint that has failed lately.</summary>
public sealed class HandicapTests
{
    [Theory]
    [InlineData(1f, false)]
    [InlineData(1f, true)]
    [InlineData(0.96f, false)]
    [InlineData(0.5f, true)]
    public void Of_sound_endpoint_or_one_that_has_its_turn_is_none(float success, bool hasTurn) =>
        Assert.Equal(1, Handicap.Of(success, hopeless: false, hasTurn));

    [Fact]
    public void Of_endpoint_that_has_failed_is_above_any_queue_and_below_one_that_mostly_fails()
    {
        const double LongestQueue = 1e12;
        var failed = Handicap.Of(0.94f, hopeless: false, hasTurn: false);

        Assert.True(failed > LongestQueue);
        Assert.True(Handicap.Of(0.94f, hopeless: true, hasTurn: false) > failed * LongestQueue);

        // Also in its turn: only retests reach it.
        Assert.True(Handicap.Of(0.94f, hopeless: true, hasTurn: true) > failed * LongestQueue);
    }
}
