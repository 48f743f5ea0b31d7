using Mesh.Client.Model;
using Mesh.Client.Outbound.Resilience;

namespace Mesh.Client.Tests.Outbound.Resilience;

public sealed class BreakerTrialTests
{
    [Fact]
    public async Task Decide_answer_that_ends_stops_the_wait_for_a_long_one()
    {
        var time = new CountingTime();
        var trial = new BreakerTrial(TestTime.At(0));
        var verdict = trial.RunAsync();
        trial.Follow(time);
        Assert.Equal(1, time.Timers);

        Assert.True(trial.Decide(CallOutcome.UpstreamError));

        Assert.Equal(0, time.Timers);
        Assert.Equal(CallOutcome.UpstreamError, await verdict);
    }

    [Fact]
    public void Follow_decided_trial_leaves_no_timer()
    {
        var time = new CountingTime();
        var trial = new BreakerTrial(TestTime.At(0));
        trial.Decide(CallOutcome.Ok);

        trial.Follow(time);

        Assert.Equal(0, time.Timers);
    }

    [Fact]
    public void TryJoin_lets_one_call_join_every_five_seconds_until_it_is_decided()
    {
        var trial = new BreakerTrial(TestTime.At(10));
        Assert.False(trial.TryJoin(TestTime.At(60)));

        _ = trial.RunAsync();
        Assert.False(trial.TryJoin(TestTime.At(14.999)));
        Assert.True(trial.TryJoin(TestTime.At(15)));
        Assert.False(trial.TryJoin(TestTime.At(15)));
        Assert.False(trial.TryJoin(TestTime.At(19.999)));
        Assert.True(trial.TryJoin(TestTime.At(20)));

        trial.Decide(CallOutcome.Ok);
        Assert.False(trial.TryJoin(TestTime.At(60)));
    }
}
