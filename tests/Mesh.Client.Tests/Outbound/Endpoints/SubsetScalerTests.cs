using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Tests.Outbound.Balancing.Locality;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Outbound.Endpoints;

public sealed class SubsetGrowthTests
{
    private readonly SubsetScaler _growth = new();
    private readonly Endpoint[] _subset = Places.Many(32);

    [Fact]
    public void Change_more_than_eight_for_each_enlarges_as_far_as_needed()
    {
        Enter(8);
        Assert.True(_growth.IsDue(_subset[0], At(1)));
        Assert.False(_growth.Change(_subset, At(1)));
        Assert.Equal(1, _growth.Factor);

        Enter(1);
        Assert.True(_growth.Change(_subset, At(2)));
        Assert.Equal(2, _growth.Factor);

        Enter(40);
        Assert.True(_growth.Change(_subset, At(3)));
        Assert.Equal(16, _growth.Factor);
    }

    [Fact]
    public void IsDue_looks_no_more_often_than_every_ten_milliseconds()
    {
        Assert.False(_growth.IsDue(_subset[0], At(1)));
        Enter(8);
        Assert.True(_growth.IsDue(_subset[0], At(1)));
        _growth.Change(_subset, At(1));
        Assert.False(_growth.IsDue(_subset[0], At(1) + Microseconds(9_999)));
        Assert.True(_growth.IsDue(_subset[0], At(1) + Milliseconds(10)));
    }

    [Fact]
    public void Change_after_a_minute_of_calm_it_is_smaller_again()
    {
        Enter(9);
        _growth.Change(_subset, At(0));
        Exit(9);
        for (var review = 1; review <= 5; review++)
        {
            Assert.True(_growth.IsDue(_subset[0], At(review * 10)));
            Assert.False(_growth.Change(_subset, At(review * 10)));
        }

        Assert.True(_growth.Change(_subset, At(60)));
        Assert.Equal(1, _growth.Factor);
        Assert.False(_growth.IsDue(_subset[0], At(1_000)));
    }

    [Fact]
    public void Change_traffic_in_waves_keeps_the_size()
    {
        Enter(9);
        _growth.Change(_subset, At(0));
        Exit(9);
        for (var review = 1; review <= 30; review++)
        {
            var busy = review % 5 == 0;
            Enter(busy ? 6 : 0);
            Assert.False(_growth.Change(_subset, At(review * 10)));
            Exit(busy ? 6 : 0);
        }

        Assert.Equal(2, _growth.Factor);
    }

    private void Enter(int each) => Array.ForEach(_subset, endpoint => Repeat(each, () => endpoint.Load.Enter(At(0))));

    private void Exit(int each) => Array.ForEach(_subset, endpoint => Repeat(each, () => endpoint.Load.Exit(At(0))));

    private static void Repeat(int times, Action act)
    {
        for (var i = 0; i < times; i++)
        {
            act();
        }
    }
}
