using Mesh.Client.Discovery;
using Mesh.Client.Tests.Eureka;

namespace Mesh.Client.Tests.Discovery;

public class PaceTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(0, 27)]
    [InlineData(0.5, 30)]
    [InlineData(1, 33)]
    public void Next_is_the_interval_a_tenth_more_or_less(double random, double seconds) =>
        Assert.Equal(seconds, PollSchedule.Next(Interval, new FixedRandom(random)).TotalSeconds, 6);

    [Theory]
    [InlineData(1, 0.5, 1)]
    [InlineData(2, 1, 2)]
    [InlineData(5, 8, 16)]
    [InlineData(6, 15, 30)]
    [InlineData(1_000_000, 15, 30)]
    public void AfterFailure_grows_from_a_second_to_the_interval(int failures, double shortest, double longest)
    {
        Assert.Equal(shortest, PollSchedule.AfterFailure(failures, Interval, new FixedRandom(0)).TotalSeconds, 6);
        Assert.Equal(longest, PollSchedule.AfterFailure(failures, Interval, new FixedRandom(1)).TotalSeconds, 6);
    }

    [Fact]
    public void AfterFailure_never_exceeds_a_short_interval() =>
        Assert.Equal(TimeSpan.FromMilliseconds(100), PollSchedule.AfterFailure(1, TimeSpan.FromMilliseconds(100), new FixedRandom(1)));

    [Theory]
    [InlineData(30, 2)]
    [InlineData(1, 0.5)]
    public void BeforeRegisteringAgain_is_up_to_two_seconds_and_less_for_fast_heartbeats(double heartbeat, double longest)
    {
        Assert.Equal(TimeSpan.Zero, PollSchedule.BeforeRegisteringAgain(TimeSpan.FromSeconds(heartbeat), new FixedRandom(0)));
        Assert.Equal(longest, PollSchedule.BeforeRegisteringAgain(TimeSpan.FromSeconds(heartbeat), new FixedRandom(1)).TotalSeconds, 6);
    }
}
