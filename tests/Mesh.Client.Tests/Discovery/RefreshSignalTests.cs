using Mesh.Client.Discovery;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Discovery;

/// <summary>Which fetch answers a call that asks.</summary>
public sealed class RefreshSignalTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RefreshSignal _signal = new();

    [Fact]
    public void AskForAnswer_is_answered_by_the_end_of_the_next_fetch()
    {
        End();
        _time.Advance(TimeSpan.FromSeconds(20));

        var answer = _signal.AskForAnswer(_time)!;
        Assert.True(_signal.Asked.IsCompleted);
        _signal.Begin();
        Assert.False(answer.IsCompleted);
        End();

        Assert.True(answer.IsCompleted);
    }

    [Fact]
    public void AskForAnswer_while_a_fetch_is_under_way_waits_for_that_one_and_asks_for_no_other()
    {
        End();
        _time.Advance(TimeSpan.FromSeconds(20));
        _signal.Begin();

        var answer = _signal.AskForAnswer(_time)!;
        Assert.False(answer.IsCompleted);
        Assert.False(_signal.Asked.IsCompleted);
        End();

        Assert.True(answer.IsCompleted);
    }

    [Fact]
    public void AskForAnswer_while_a_fetch_is_under_way_that_began_before_news_was_needed_waits_for_the_next()
    {
        End();
        _time.Advance(TimeSpan.FromSeconds(20));
        _signal.Begin();
        _signal.Need(_time);

        var answer = _signal.AskForAnswer(_time)!;
        End();
        Assert.False(answer.IsCompleted);
        Assert.True(_signal.Needed.IsCompleted);
        _signal.Begin();
        End();

        Assert.True(answer.IsCompleted);
    }

    [Fact]
    public void AskForAnswer_behind_a_fetch_that_has_ended_asks_for_the_next()
    {
        _signal.Begin();
        End();
        _time.Advance(TimeSpan.FromSeconds(20));

        var answer = _signal.AskForAnswer(_time)!;

        Assert.False(answer.IsCompleted);
        Assert.True(_signal.Asked.IsCompleted);
    }

    [Theory]
    [InlineData(4.9, null, false)]
    [InlineData(5, null, true)]
    [InlineData(20, "answered 401", false)]
    public void AskForAnswer_fresh_or_failing_registry_is_asked_but_not_waited_for(double ago, string? failure, bool waits)
    {
        End(failure);
        _time.Advance(TimeSpan.FromSeconds(ago));

        var answer = _signal.AskForAnswer(_time);

        Assert.Equal(waits, answer is not null);
        Assert.True(_signal.Asked.IsCompleted);
    }

    [Fact]
    public void AskForAnswer_where_nobody_polls_has_nothing_to_wait_for()
    {
        Assert.Null(_signal.AskForAnswer(_time));
        End();
        _time.Advance(TimeSpan.FromSeconds(20));
        _signal.Stop();

        Assert.Null(_signal.AskForAnswer(_time));
        Assert.False(_signal.Asked.IsCompleted);
    }

    [Fact]
    public void Need_asks_and_makes_the_last_answer_old_until_the_next()
    {
        End();
        _signal.Need(_time);

        Assert.True(_signal.Needed.IsCompleted);
        Assert.True(_signal.Asked.IsCompleted);
        var answer = _signal.AskForAnswer(_time)!;
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _signal.Begin();
        Assert.False(_signal.Needed.IsCompleted);
        Assert.False(_signal.Asked.IsCompleted);
        End();

        Assert.True(answer.IsCompleted);
        Assert.Null(_signal.AskForAnswer(_time));
    }

    private void End(string? failure = null) =>
        _signal.End(new RegistryReading(_time.GetTimestamp(), _time.GetTimestamp(), TimeSpan.FromSeconds(30), failure));
}
