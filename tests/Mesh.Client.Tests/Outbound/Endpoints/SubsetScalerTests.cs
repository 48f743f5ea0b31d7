using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Tests.Outbound.Balancing.Locality;

namespace Mesh.Client.Tests.Outbound.Endpoints;

public sealed class SubsetGrowthTests
{
    private const long Second = 1_000_000;

    private readonly SubsetScaler _growth = new();
    private readonly Endpoint[] _subset = Places.Many(32);

    [Fact]
    public void Change_more_than_eight_for_each_enlarges_as_far_as_needed()
    {
        Enter(8);
        Assert.True(_growth.IsDue(_subset[0], Second));
        Assert.False(_growth.Change(_subset, Second));
        Assert.Equal(1, _growth.Factor);

        Enter(1);
        Assert.True(_growth.Change(_subset, 2 * Second));
        Assert.Equal(2, _growth.Factor);

        Enter(40);
        Assert.True(_growth.Change(_subset, 3 * Second));
        Assert.Equal(16, _growth.Factor);
    }

    [Fact]
    public void IsDue_looks_no_more_often_than_every_ten_milliseconds()
    {
        Assert.False(_growth.IsDue(_subset[0], Second));
        Enter(8);
        Assert.True(_growth.IsDue(_subset[0], Second));
        _growth.Change(_subset, Second);
        Assert.False(_growth.IsDue(_subset[0], Second + 9_999));
        Assert.True(_growth.IsDue(_subset[0], Second + 10_000));
    }

    [Fact]
    public void Change_after_a_minute_of_calm_it_is_smaller_again()
    {
        Enter(9);
        _growth.Change(_subset, 0);
        Exit(9);
        for (var review = 1; review <= 5; review++)
        {
            Assert.True(_growth.IsDue(_subset[0], review * 10 * Second));
            Assert.False(_growth.Change(_subset, review * 10 * Second));
        }

        Assert.True(_growth.Change(_subset, 60 * Second));
        Assert.Equal(1, _growth.Factor);
        Assert.False(_growth.IsDue(_subset[0], 1_000 * Second));
    }

    [Fact]
    public void Change_traffic_in_waves_keeps_the_size()
    {
        Enter(9);
        _growth.Change(_subset, 0);
        Exit(9);
        for (var review = 1; review <= 30; review++)
        {
            var busy = review % 5 == 0;
            Enter(busy ? 6 : 0);
            Assert.False(_growth.Change(_subset, review * 10 * Second));
            Exit(busy ? 6 : 0);
        }

        Assert.Equal(2, _growth.Factor);
    }

    private void Enter(int each) => Array.ForEach(_subset, endpoint => Repeat(each, () => endpoint.Load.Enter(0)));

    private void Exit(int each) => Array.ForEach(_subset, endpoint => Repeat(each, () => endpoint.Load.Exit(0)));

    private static void Repeat(int times, Action act)
    {
        for (var i = 0; i < times; i++)
        {
            act();
        }
    }
}
