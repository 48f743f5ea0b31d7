using Mesh.Client.Model;
using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Outbound.Balancing;

public sealed class WeightedRoundRobinBalancerTests
{
    private readonly WeightedRoundRobinBalancer _balancer = new(new SeededRandom(3));

    [Fact]
    public void Pick_follows_the_labels_exactly()
    {
        var endpoints = Labelled("1", "2", "5");
        var picks = Count(endpoints, 800, At(0));
        Assert.Equal([100, 200, 500], endpoints.Select(e => picks[e]), (a, b) => Math.Abs(a - b) <= 1);
    }

    [Fact]
    public void Pick_spreads_the_turns_of_a_heavy_one()
    {
        // Not five times the same one in a row while the others wait.
        var endpoints = Labelled("1", "1", "1", "3");
        var row = 0;
        var longest = 0;
        for (var i = 0; i < 600; i++)
        {
            row = _balancer.Pick(endpoints, At(0)) == endpoints[3] ? row + 1 : 0;
            longest = Math.Max(longest, row);
        }

        Assert.InRange(longest, 1, 2);
    }

    [Fact]
    public void Pick_without_labels_and_reports_shares_evenly()
    {
        var endpoints = TestEndpoint.Many(4);
        Assert.All(Count(endpoints, 400, At(0)), pair => Assert.InRange(pair.Value, 99, 101));
    }

    [Fact]
    public void Pick_among_64_takes_each_once_in_every_round()
    {
        var endpoints = TestEndpoint.Many(WeightedRoundRobinBalancer.FullScanLimit);
        for (var round = 0; round < 5; round++)
        {
            Assert.Equal(endpoints.Length, Count(endpoints, endpoints.Length, At(0)).Count);
        }
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("heavy")]
    [InlineData("")]
    [InlineData("NaN")]
    [InlineData("1,5")]
    public void Pick_label_that_makes_no_sense_counts_as_one(string label)
    {
        var endpoints = Labelled(label, "1");
        Assert.InRange(Count(endpoints, 1000, At(0))[endpoints[0]], 499, 501);
    }

    [Fact]
    public void Pick_more_than_a_million_counts_as_a_million()
    {
        var endpoints = Labelled("4000000", "1000000");
        Assert.InRange(Count(endpoints, 1000, At(0))[endpoints[0]], 499, 501);
    }

    [Fact]
    public void Pick_weight_of_zero_gets_nothing_while_there_are_others()
    {
        var endpoints = Labelled("0", "1", "1");
        Assert.False(Count(endpoints, 1000, At(0)).ContainsKey(endpoints[0]));
        Assert.Equal(2, Count(Labelled("0", "0"), 1000, At(0)).Count);
    }

    [Fact]
    public void Pick_changed_label_counts_at_once()
    {
        var endpoints = Labelled("1", "1");
        Count(endpoints, 100, At(0));
        endpoints[0].Description = endpoints[0].Description with { Labels = new Dictionary<string, string> { ["weight"] = "3" } };
        Assert.InRange(Count(endpoints, 400, At(0))[endpoints[0]], 298, 302);
    }

    [Fact]
    public void Pick_turns_missed_while_left_out_are_not_made_up_for()
    {
        var endpoints = Labelled("1", "1", "1");
        Count(endpoints, 300, At(0));
        Count(endpoints[1..], 3_000, At(0));
        var picks = Count(endpoints, 300, At(0));
        Assert.InRange(picks[endpoints[0]], 99, 102);
    }

    [Fact]
    public void Pick_new_endpoint_gets_its_share_and_no_burst()
    {
        var endpoints = Labelled("1", "1");
        Count(endpoints, 1_000, At(0));
        Endpoint[] more = [.. endpoints, TestEndpoint.At("http://10.9.9.9")];
        Assert.InRange(Count(more, 300, At(0))[more[2]], 99, 102);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(20)]
    public void Pick_seldom_used_group_shares_evenly_beside_a_busy_one(int others)
    {
        // Zones and levels of priority: one policy, and each call is for one of several groups.
        var near = TestEndpoint.Many(3);
        Endpoint[] far = [.. Enumerable.Range(1, 5).Select(i => TestEndpoint.At($"http://10.9.9.{i}"))];
        List<Endpoint> picks = [];
        for (var i = 0; i < 500; i++)
        {
            Count(near, others, At(0));
            picks.Add(_balancer.Pick(far, At(0)));
        }

        Assert.All(far, endpoint => Assert.InRange(picks.Count(p => p == endpoint), 99, 101));
    }

    [Fact]
    public void Pick_weight_that_is_raised_counts_at_once()
    {
        // A new version that starts with little: its next turn was far away.
        var endpoints = Labelled("0.0001", "1", "1");
        while (_balancer.Pick(endpoints, At(0)) != endpoints[0])
        {
        }

        endpoints[0].Description = endpoints[0].Description with { Labels = new Dictionary<string, string> { ["weight"] = "1" } };
        Assert.InRange(Count(endpoints, 300, At(0))[endpoints[0]], 98, 102);
    }

    [Fact]
    public void Pick_weight_that_was_next_to_nothing_does_not_stop_the_turns()
    {
        // Its first turn lies so far ahead that one more or less would not be seen in the number.
        var endpoints = Labelled("0." + new string('0', 40) + "1", "1", "1");
        Count(endpoints, 100, At(0));
        endpoints[0].Description = endpoints[0].Description with { Labels = new Dictionary<string, string> { ["weight"] = "1" } };
        Assert.All(Count(endpoints, 300, At(0)).Values, count => Assert.InRange(count, 98, 102));
    }

    [Fact]
    public void Pick_endpoint_that_always_fails_does_not_count_as_one_that_says_nothing()
    {
        var endpoints = TestEndpoint.Many(3);
        foreach (var endpoint in endpoints)
        {
            endpoint.Load.ObserveReport(At(0), new LoadReport(1, 10));
        }

        Count(endpoints, 3, At(0));
        for (var i = 0; i < 200; i++)
        {
            endpoints[0].Load.ObserveFailure(At(20), overloaded: false);
        }

        Assert.InRange(Count(endpoints, 3_000, At(20)).GetValueOrDefault(endpoints[0]), 0, 3);
    }

    [Fact]
    public void Pick_endpoint_that_failed_gets_its_share_again_soon_after()
    {
        var endpoints = TestEndpoint.Many(3);
        foreach (var endpoint in endpoints)
        {
            endpoint.Load.ObserveReport(At(0), new LoadReport(1, 10));
        }

        Count(endpoints, 3, At(0));
        for (var i = 0; i < 10; i++)
        {
            endpoints[0].Load.ObserveFailure(At(20 + i), overloaded: false);
            Count(endpoints, 300, At(20 + i));
        }

        endpoints[0].Load.Readmit(At(30), TimeSpan.Zero);
        Assert.InRange(Count(endpoints, 300, At(30))[endpoints[0]], 98, 102);
    }

    [Fact]
    public void Pick_reported_speed_decides_after_two_seconds()
    {
        var endpoints = TestEndpoint.Many(2);
        Report(endpoints, At(20));
        Assert.InRange(Count(endpoints, 400, At(20))[endpoints[0]], 199, 201);
        Assert.InRange(Count(endpoints, 400, At(21))[endpoints[0]], 199, 201);
        Assert.InRange(Count(endpoints, 400, At(22))[endpoints[0]], 298, 302);

        // One that says nothing counts as the mean of the others.
        Endpoint[] more = [.. endpoints, TestEndpoint.At("http://10.9.9.9")];
        var picks = Count(more, 600, At(23));
        Assert.Equal([300, 100, 200], more.Select(e => picks[e]), (a, b) => Math.Abs(a - b) <= 3);

        static void Report(Endpoint[] endpoints, MeshTime now)
        {
            endpoints[0].Load.ObserveReport(now, new LoadReport(1, 10));
            endpoints[1].Load.ObserveReport(now, new LoadReport(1, 30));
        }
    }

    /// <summary>All callers see a slow server at the same time, and late: if all left it at once, the next one would be slow.</summary>
    [Fact]
    public void Pick_changed_report_is_followed_a_tenth_each_second()
    {
        var endpoints = TestEndpoint.Many(2);
        foreach (var endpoint in endpoints)
        {
            endpoint.Load.ObserveReport(At(0), new LoadReport(1, 10));
        }

        Count(endpoints, 2, At(0));
        Assert.InRange(Count(endpoints, 1_000, At(20))[endpoints[0]], 498, 502);
        endpoints[0].Load.ObserveReport(At(21), new LoadReport(1, 40));
        Assert.InRange(Count(endpoints, 1_000, At(21))[endpoints[0]], 460, 470);
        for (var second = 22; second < 60; second++)
        {
            Count(endpoints, 2, At(second));
        }

        Assert.InRange(Count(endpoints, 1_000, At(60))[endpoints[0]], 198, 210);
    }

    [Fact]
    public void Pick_endpoint_that_stops_to_report_and_begins_again_is_not_heeded_for_two_seconds()
    {
        // A restart in its place: the first answers are slow.
        var endpoints = TestEndpoint.Many(3);
        foreach (var endpoint in endpoints)
        {
            endpoint.Load.ObserveReport(At(0), new LoadReport(1, 10));
        }

        Count(endpoints, 3, At(0));
        Count(endpoints, 3, At(20));
        endpoints[0].Load.ForgetReport();
        Count(endpoints, 3, At(21));
        endpoints[0].Load.ObserveReport(At(22), new LoadReport(1, 90));
        Count(endpoints, 3, At(22));
        Assert.InRange(Count(endpoints, 300, At(23))[endpoints[0]], 98, 102);
        Assert.InRange(Count(endpoints, 300, At(25))[endpoints[0]], 10, 25);
    }

    [Fact]
    public void Pick_reported_speed_counts_less_where_calls_fail()
    {
        var endpoints = TestEndpoint.Many(2);
        foreach (var endpoint in endpoints)
        {
            endpoint.Load.ObserveReport(At(0), new LoadReport(1, 10));
        }

        Count(endpoints, 2, At(0));
        endpoints[0].Load.ObserveFailure(At(20), overloaded: false);
        Assert.InRange(Count(endpoints, 500, At(20))[endpoints[0]], 98, 102);
    }

    [Fact]
    public void Pick_among_many_follows_the_labels()
    {
        var endpoints = Labelled([.. Enumerable.Range(0, 500).Select(i => i % 2 == 0 ? "1" : "3")]);
        var picks = Count(endpoints, 50_000, At(0));
        Assert.InRange(endpoints.Where((_, i) => i % 2 == 1).Sum(e => picks[e]) / 50_000.0, 0.72, 0.77);
    }

    [Fact]
    public async Task Pick_on_many_threads_follows_the_labels()
    {
        var endpoints = Labelled("1", "2", "5");
        var counts = new int[3];
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                Interlocked.Increment(ref counts[Array.IndexOf(endpoints, _balancer.Pick(endpoints, At(0)))]);
            }
        })));

        Assert.Equal([10_000, 20_000, 50_000], counts, (a, b) => Math.Abs(a - b) <= 400);
    }

    private Dictionary<Endpoint, int> Count(Endpoint[] endpoints, int picks, MeshTime now) =>
        Enumerable.Range(0, picks).Select(_ => _balancer.Pick(endpoints, now)).CountBy(e => e).ToDictionary();

    private static Endpoint[] Labelled(params string[] weights)
    {
        var endpoints = TestEndpoint.Many(weights.Length);
        for (var i = 0; i < weights.Length; i++)
        {
            endpoints[i].Description =
                endpoints[i].Description with { Labels = new Dictionary<string, string> { ["weight"] = weights[i] } };
        }

        return endpoints;
    }
}
