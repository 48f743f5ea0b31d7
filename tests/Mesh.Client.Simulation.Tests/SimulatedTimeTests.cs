using Mesh.Client.Simulation.Model;

namespace Mesh.Client.Simulation.Tests;

public sealed class SimulatedTimeTests
{
    [Fact]
    public void RunUntil_events_happen_by_time_and_equal_times_in_order()
    {
        var time = new SimulatedTime();
        var seen = new List<string>();
        time.At(2, () => seen.Add("late"));
        time.At(1, () => seen.Add("first"));
        time.At(1, () => seen.Add("second"));
        time.At(9, () => seen.Add("never"));
        time.RunUntil(5);
        Assert.Equal(["first", "second", "late"], seen);
        Assert.Equal(5, time.Now);
        Assert.Equal(5_000_000, time.GetTimestamp());
    }

    [Fact]
    public void CreateTimer_repeats_until_it_is_disposed()
    {
        var time = new SimulatedTime();
        var ticks = new List<double>();
        var timer = time.CreateTimer(_ => ticks.Add(time.Now), null, TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(20));
        time.At(40, timer.Dispose);
        time.RunUntil(100);
        Assert.Equal([10, 30], ticks);
    }

    [Fact]
    public void Next_is_the_published_sequence()
    {
        // xoshiro256** with a state from splitmix64 of 0, as other implementations give it.
        Assert.Equal(0x99EC5F36CB75F2B4UL, new Xoshiro(seed: 0, stream: 0).Next());
    }
}
