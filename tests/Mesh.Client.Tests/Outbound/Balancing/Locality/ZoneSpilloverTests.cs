using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Outbound.Balancing.Locality;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Outbound.Balancing.Locality;

public sealed class SpillTests
{
    private static readonly MeshTime Now = At(100);

    private readonly SeededRandom _random = new(5);
    private readonly AdaptiveBalancer _policy = new(new SeededRandom(6));

    [Theory]
    [InlineData(100, 40, true)]
    [InlineData(100, 60, false)]
    [InlineData(9, 1, false)]
    [InlineData(11, 1, true)]
    public void Consider_leaves_the_zone_when_it_takes_more_than_twice_as_long(int near, int far, bool leaves)
    {
        var here = Known(1, near, inFlight: 1);
        var there = Known(2, far);
        Assert.Same(leaves ? there : here, ZoneSpillover.Consider(_policy, here, [there], _random, Now));
    }

    [Fact]
    public void Consider_idle_and_well_stays_where_nothing_is_known_of_elsewhere()
    {
        var here = Known(1, 1_000);
        var there = Places.Endpoint(2);
        Assert.Same(here, ZoneSpillover.Consider(_policy, here, [there], _random, Now));
        here.Load.ObserveFailure(Now, overloaded: false);
        Assert.Same(there, ZoneSpillover.Consider(_policy, here, [there], _random, Now));
        Assert.NotSame(there, ZoneSpillover.Consider(_policy, Known(3, 1_000), [there], _random, Now));
        Assert.Equal("10.0.0.4:80", ZoneSpillover.Consider(_policy, Known(3, 1_000), [Known(4, 100)], _random, Now).Name);
    }

    [Fact]
    public void Consider_requests_that_do_not_come_back_count_by_their_age()
    {
        var here = Known(1, 10);
        here.Load.Enter(Now - Milliseconds(500));
        Assert.NotSame(here, ZoneSpillover.Consider(_policy, here, [Known(2, 20)], _random, Now));
    }

    [Fact]
    public void Consider_endpoint_elsewhere_that_is_not_known_gets_one_request()
    {
        var here = Known(1, 100, inFlight: 1);
        var there = Places.Endpoint(2);
        Assert.Same(there, ZoneSpillover.Consider(_policy, here, [there], _random, Now));
        there.Load.Enter(Now);
        Assert.Same(here, ZoneSpillover.Consider(_policy, here, [there], _random, Now));

        // What it has answered is forgotten after half a minute.
        there.Load.Exit(Now);
        there.Load.ObserveLatency(Now, 400);
        Assert.Same(here, ZoneSpillover.Consider(_policy, here, [there], _random, Now));
        here.Load.Exit(Now);
        here.Load.Enter(Now + Milliseconds(29_000));
        Assert.Same(here, ZoneSpillover.Consider(_policy, here, [there], _random, Now + Milliseconds(29_000)));
        Assert.Same(there, ZoneSpillover.Consider(_policy, here, [there], _random, Now + Milliseconds(31_000)));
    }

    [Fact]
    public void Consider_policy_that_knows_no_times_stays()
    {
        var here = Known(1, 1_000, inFlight: 10);
        Assert.Same(here, ZoneSpillover.Consider(new LeastRequestBalancer(_random), here, [Known(2, 1)], _random, Now));
        Assert.Same(here, ZoneSpillover.Consider(new RoundRobinBalancer(_random), here, [Known(2, 1)], _random, Now));
    }

    [Fact]
    public void Consider_allocates_nothing()
    {
        var here = Known(1, 100, inFlight: 1);
        Endpoint[] elsewhere = [Known(2, 90), Known(3, 95)];
        var random = new RandomSource();
        ZoneSpillover.Consider(_policy, here, elsewhere, random, Now);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            ZoneSpillover.Consider(_policy, here, elsewhere, random, Now);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static Endpoint Known(int number, float milliseconds, int inFlight = 0)
    {
        var endpoint = Places.Endpoint(number);
        endpoint.Load.ObserveLatency(Now, milliseconds);
        for (var i = 0; i < inFlight; i++)
        {
            endpoint.Load.Enter(Now);
        }

        return endpoint;
    }
}
