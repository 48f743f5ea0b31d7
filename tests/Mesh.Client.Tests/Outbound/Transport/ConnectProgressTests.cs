using Mesh.Client.Outbound.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Client.Tests.Outbound.Transport;

/// <summary>A connection is given up when it is lost, not when it has to wait for others.</summary>
public sealed class ConnectProgressTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ConnectProgress _progress;
    private readonly List<string> _givenUp = [];

    public ConnectProgressTests() => _progress = new ConnectProgress(TimeSpan.FromSeconds(1), _time);

    [Fact]
    public void Wait_alone_ends_after_the_timeout_and_once()
    {
        using var wait = Begin("a");
        Pass(milliseconds: 999);
        Assert.False(wait.IsGivenUp);

        Pass(milliseconds: 1);
        Assert.True(wait.IsGivenUp);

        Pass(milliseconds: 10_000);
        Assert.Equal(["a"], _givenUp);
    }

    [Fact]
    public void Wait_in_a_burst_lasts_as_long_as_others_of_it_come_through()
    {
        var burst = Enumerable.Range(0, 100).Select(i => Begin($"{i}")).ToArray();
        for (var i = 0; i < 99; i++)
        {
            Pass(milliseconds: 100);
            burst[i].Pass();
        }

        Assert.Empty(_givenUp);

        // Its own time begins when the last of the others is through.
        Pass(milliseconds: 800);
        Assert.Empty(_givenUp);
        Pass(milliseconds: 500);
        Assert.Equal(["99"], _givenUp);
    }

    [Fact]
    public void Wait_that_is_overtaken_ends_in_time()
    {
        using var lost = Begin("lost");
        for (var i = 0; i < 25; i++)
        {
            Pass(milliseconds: 60);
            using var later = Begin("later");
            Pass(milliseconds: 1);
            later.Pass();
        }

        Assert.Equal(["lost"], _givenUp);
    }

    [Fact]
    public void Wait_that_newer_ones_overtake_ends_although_older_ones_had_passed_before()
    {
        var first = Begin("first");
        using var lost = Begin("lost");
        Pass(milliseconds: 1);
        first.Pass();

        Pass(milliseconds: 1_300);

        Assert.Equal(["lost"], _givenUp);
    }

    [Fact]
    public void Wait_does_not_count_the_time_in_which_the_process_stood_still()
    {
        using var wait = Begin("a");

        // A fake clock calls a timer late, as a process does that had no processor for a minute.
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(wait.IsGivenUp);

        Pass(milliseconds: 750);
        Assert.True(wait.IsGivenUp);
    }

    [Fact]
    public void Wait_of_a_millisecond_is_not_over_at_once()
    {
        using var wait = new ConnectProgress(TimeSpan.FromMilliseconds(1), _time).Begin(() => _givenUp.Add("a"));
        Pass(milliseconds: 3);
        Assert.False(wait.IsGivenUp);

        Pass(milliseconds: 1);
        Assert.True(wait.IsGivenUp);
    }

    [Fact]
    public void Wait_for_what_this_process_has_not_read_yet_goes_on()
    {
        var unread = true;
        using var wait = _progress.Begin(() => _givenUp.Add("a"), () => unread);
        Pass(milliseconds: 5_000);
        Assert.False(wait.IsGivenUp);

        unread = false;
        Pass(milliseconds: 1_000);
        Assert.True(wait.IsGivenUp);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Wait_that_has_ended_is_not_given_up(bool passed)
    {
        var wait = Begin("a");
        Pass(milliseconds: 900);
        if (passed)
        {
            wait.Pass();
        }

        wait.Dispose();
        wait.Dispose();
        wait.Pass();
        Pass(milliseconds: 10_000);

        Assert.False(wait.IsGivenUp);
        Assert.Empty(_givenUp);
    }

    [Fact]
    public void Wait_that_was_given_up_speaks_for_none_of_the_others()
    {
        using var first = Begin("a");
        Pass(milliseconds: 500);
        using var second = Begin("b");
        Pass(milliseconds: 500);
        first.Pass();

        Pass(milliseconds: 500);

        Assert.Equal(["a", "b"], _givenUp);
    }

    private ConnectProgress.Wait Begin(string name) => _progress.Begin(() => _givenUp.Add(name));

    /// <summary>In steps, so that no timer is called late.</summary>
    private void Pass(int milliseconds)
    {
        for (var i = 0; i < milliseconds; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }
    }
}
