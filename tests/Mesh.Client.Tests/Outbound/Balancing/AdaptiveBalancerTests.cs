using CsCheck;
using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Balancing;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Outbound.Balancing;

public sealed class AdaptiveBalancerTests
{
    private readonly AdaptiveBalancer _balancer = new(new SeededRandom(7));

    [Fact]
    public void Pick_equal_endpoints_share_evenly()
    {
        var endpoints = Warm(4, 10);
        var picks = Count(endpoints, 10_000, At(100));
        Assert.All(endpoints, e => Assert.InRange(picks[e], 2300, 2700));
    }

    [Fact]
    public void Pick_more_in_flight_costs_more()
    {
        var endpoints = Warm(3, 10);
        var now = At(100);
        for (var i = 0; i < 300; i++)
        {
            _balancer.Pick(endpoints, now).Load.Enter(now);
        }

        Assert.All(endpoints, e => Assert.Equal(100, e.Load.InFlight));
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(10, 10)]
    [InlineData(30, 30)]
    [InlineData(300, 600)]
    public void Pick_open_ended_streams_of_before_do_not_turn_calls_away(int streams, int seconds)
    {
        var endpoints = Warm(2, 10);
        var now = At(100);
        for (var i = 0; i < streams; i++)
        {
            endpoints[0].Load.Enter(now - (seconds * Second));
            endpoints[0].Load.Answered(now - (seconds * Second), now - (seconds * Second), openEnded: true);
        }

        for (var i = 0; i < 20; i++)
        {
            _balancer.Pick(endpoints, now).Load.Enter(now);
        }

        Assert.InRange(endpoints[0].Load.InFlight - streams, 7, 10);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void Pick_new_streams_go_where_there_are_fewest(int secondsBetween)
    {
        var endpoints = Warm(3, 10);
        for (var i = 0; i < 60; i++)
        {
            var now = At(100 + (i * secondsBetween));
            var load = _balancer.Pick(endpoints, now).Load;
            load.Enter(now);
            load.ObserveLatency(now, 10);
            load.Answered(now, now, openEnded: true);
        }

        Assert.All(endpoints, endpoint => Assert.InRange(endpoint.Load.OpenEnded, 15, 25));
    }

    [Fact]
    public void Pick_endpoint_that_fails_fast_never_attracts()
    {
        var endpoints = Warm(3, 20);
        var share = Run(endpoints, concurrency: 3, seconds: 60, e => e == endpoints[0] ? (1, false) : (20, true))[endpoints[0]];
        Assert.InRange(share, 0, 0.02);
    }

    [Fact]
    public void Pick_new_endpoint_that_fails_fast_never_attracts()
    {
        // Its first attempt fails: that must not count as the latency of the fastest of all.
        Endpoint[] endpoints = [TestEndpoint.At("http://10.9.9.9", At(95)), .. Warm(2, 20)];
        var share = Run(endpoints, concurrency: 3, seconds: 60, e => e == endpoints[0] ? (1, false) : (20, true))[endpoints[0]];
        Assert.InRange(share, 0, 0.02);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(2)]
    [InlineData(16)]
    public void Pick_slow_endpoint_loses_share(int concurrency)
    {
        var endpoints = Warm(3, 10);
        var shares = Run(endpoints, concurrency, seconds: 60, e => (e == endpoints[0] ? 1000 : 10, true));
        // A retest now and then, each time after twice as long.
        Assert.InRange(shares[endpoints[0]], 0.00001, 0.01);
        Assert.InRange(shares.Where(s => s.Key != endpoints[0]).Min(s => s.Value), 0.3, 0.7);
    }

    [Fact]
    public void Pick_requests_that_do_not_come_back_count_by_their_age()
    {
        var endpoints = Warm(2, 10);
        var now = At(100);
        endpoints[0].Load.Enter(now);
        endpoints[1].Load.Enter(now);
        Assert.Equal(2, Count(endpoints, 1000, now).Count);

        // Both have one in flight; that of the first is ten times as old as an answer takes.
        endpoints[1].Load.Exit(now);
        now += Milliseconds(100);
        endpoints[1].Load.Enter(now);
        Assert.Equal(1000, Count(endpoints, 1000, now)[endpoints[1]]);
    }

    [Fact]
    public void Pick_age_of_requests_under_way_counts_threefold()
    {
        // Not older than an answer takes, but when it is half as old as now, on average, it will have taken longer than that.
        var endpoints = Warm(2, 10);
        var now = At(100);
        endpoints[0].Load.Enter(now - Milliseconds(8));
        endpoints[1].Load.Enter(now);
        Assert.Equal(1000, Count(endpoints, 1000, now)[endpoints[1]]);
    }

    [Fact]
    public void Pick_latencies_below_five_milliseconds_are_as_good_as_each_other()
    {
        var endpoints = Warm(2, 1);
        endpoints[1] = Warm(1, 4.9f)[0];
        Assert.InRange(Count(endpoints, 10_000, At(99))[endpoints[1]], 4_500, 5_500);
    }

    [Fact]
    public void Pick_endpoint_that_has_failed_is_tried_again_less_and_less_often()
    {
        var endpoints = Warm(2, 10);
        var failing = endpoints[0];
        List<MeshTime> tries = [];
        for (var now = At(100); now < At(220); now += Second / 100)
        {
            var chosen = _balancer.Pick(endpoints, now);
            if (chosen == failing)
            {
                tries.Add(now);
                failing.Load.ObserveFailure(now, overloaded: false);
            }
            else
            {
                chosen.Load.ObserveLatency(now, 10);
            }
        }

        // After 1, 2, 4, … 64 s, and then by chance one of twenty.
        Assert.InRange(tries.Count(at => at > At(105)), 3, 7);
    }

    [Fact]
    public void Pick_new_endpoint_gets_one_request_until_it_has_answered()
    {
        var now = At(100);
        Endpoint[] endpoints = [TestEndpoint.At("http://10.9.9.9"), .. Warm(2, 10)];
        var fresh = endpoints[0];
        for (var i = 0; i < 50; i++)
        {
            _balancer.Pick(endpoints, now).Load.Enter(now);
        }

        Assert.Equal(1, fresh.Load.InFlight);
        fresh.Load.Exit(now);
        fresh.Load.ObserveLatency(now, 10);
        for (var i = 0; i < 10; i++)
        {
            _balancer.Pick(endpoints, now).Load.Enter(now);
        }

        Assert.Equal(10, fresh.Load.InFlight);
    }

    [Fact]
    public void Pick_all_new_share_the_first_burst()
    {
        var endpoints = TestEndpoint.Many(4);
        for (var i = 0; i < 40; i++)
        {
            _balancer.Pick(endpoints, At(0)).Load.Enter(At(0));
        }

        Assert.All(endpoints, e => Assert.Equal(10, e.Load.InFlight));
    }

    [Fact]
    public void Cost_of_a_new_endpoint_ramps_down_over_five_seconds()
    {
        var load = TestEndpoint.At("http://10.0.0.1").Load;
        load.ObserveLatency(At(0), 10);
        var settled = Cost(load, At(5));
        Assert.Equal(settled * 1000, Cost(load, At(0)), settled);
        Assert.Equal(settled * 8, Cost(load, At(2.5)), settled / 100);
        Assert.Equal(settled, Cost(load, At(50)), settled / 100);

        load.Readmit(At(100), Milliseconds(3_500));
        Assert.InRange(Cost(load, At(100)) / settled, 2.8, 3.0);

        static double Cost(EndpointLoad load, MeshTime now) => CostOf(load, Warm(3, 10), now);
    }

    [Fact]
    public void Pick_goes_where_the_servers_say_that_there_is_least_to_do()
    {
        var endpoints = Warm(10, 10);
        var now = At(100);
        for (var i = 0; i < endpoints.Length; i++)
        {
            endpoints[i].Load.ObserveReport(now, new LoadReport(i == 3 ? 1 : 4, 10));
        }

        Assert.Equal(1000, Count(endpoints, 1000, now)[endpoints[3]]);
    }

    [Fact]
    public void Pick_does_not_believe_for_long_that_a_server_is_idle()
    {
        var endpoints = Warm(10, 10);
        foreach (var endpoint in endpoints)
        {
            endpoint.Load.ObserveReport(At(99), new LoadReport(4, 10));
        }

        // Once it had nothing to do; a moment later others will have sent it something.
        endpoints[0].Load.ObserveReport(At(99), new LoadReport(0, 10));

        Assert.True(Advantage(At(99)) > 100);
        Assert.InRange(Advantage(At(99) + Milliseconds(50)), 2, 20);
        Assert.InRange(Advantage(At(102)), 1, 2);

        double Advantage(MeshTime now) => CostOf(endpoints[1].Load, endpoints, now) / CostOf(endpoints[0].Load, endpoints, now);
    }

    [Fact]
    public void Pick_endpoint_that_does_not_report_is_not_taken_for_idle()
    {
        var endpoints = Warm(20, 10);
        var now = At(100);
        foreach (var endpoint in endpoints[1..])
        {
            endpoint.Load.ObserveReport(now, new LoadReport(8, 10));
        }

        Assert.InRange(Count(endpoints, 10_000, now)[endpoints[0]], 200, 1000);
    }

    [Theory]
    [InlineData(8, false)]
    [InlineData(9, true)]
    public void Pick_heeds_reports_when_nine_of_ten_report(int reporting, bool heeded)
    {
        var endpoints = Warm(10, 10);
        var now = At(100);
        for (var i = 0; i < reporting; i++)
        {
            endpoints[i].Load.ObserveReport(now, new LoadReport(i == 0 ? 0 : 6, 10));
        }

        var picks = Count(endpoints, 10_000, now);

        Assert.Equal(heeded ? 1 : 10, picks.Count);
        Assert.InRange(picks[endpoints[0]], heeded ? 10_000 : 500, heeded ? 10_000 : 2000);
    }

    [Fact]
    public void View_new_endpoints_that_could_not_report_yet_do_not_end_the_heeding()
    {
        Endpoint[] endpoints = [.. Warm(8, 10), .. TestEndpoint.Many(2)];
        foreach (var endpoint in endpoints[..8])
        {
            endpoint.Load.ObserveReport(At(99), new LoadReport(1, 10));
        }

        Assert.True(CandidateView.Of(endpoints, At(99), new SeenEndpoint[10]).HeedsReports);
    }

    [Fact]
    public void Pick_server_that_takes_longer_for_a_request_gets_fewer()
    {
        var endpoints = Warm(2, 10);
        var now = At(100);
        endpoints[0].Load.ObserveReport(now, new LoadReport(2, 30));
        endpoints[1].Load.ObserveReport(now, new LoadReport(2, 10));

        Assert.Equal(1000, Count(endpoints, 1000, now)[endpoints[1]]);
    }

    [Fact]
    public void Pick_cold_first_answer_does_not_decide_for_long()
    {
        Endpoint[] endpoints = [.. Warm(1, 100), .. Warm(1, 1)];
        var shares = Run(endpoints, concurrency: 1, seconds: 10, _ => (1, true));
        Assert.InRange(shares[endpoints[0]], 0.3, 0.7);
    }

    [Fact]
    public void Pick_recovered_endpoint_is_found_again_after_idle_time()
    {
        var endpoints = Warm(3, 10);
        Run(endpoints, concurrency: 3, seconds: 20, e => (e == endpoints[0] ? 1000 : 10, true));
        var shares = Run(endpoints, concurrency: 3, seconds: 300, _ => (10, true), from: 200);
        Assert.InRange(shares[endpoints[0]], 0.1, 0.6);
    }

    [Fact]
    public void Pick_starves_none_whatever_was_seen_of_them() =>
        // Each was as slow as it may be, or failed, once; since then all answer alike.
        Gen.Select(Gen.Float[1, 5_000], Gen.Bool).Array[2, 12].Check(AssertNoneStarves, count: 30);

    [Fact]
    public void Pick_ten_of_which_half_have_failed_once_starves_none()
    {
        // A retest that went well doubled the wait for the next one: some were idle for minutes.
        AssertNoneStarves(
            [(4_160, true), (250, false), (900, true), (1_800, false), (3_300, true), (600, false), (2_500, true), (400, false),
                (3_900, true), (1_200, false)]);
        AssertNoneStarves(
            [(250, true), (300, true), (350, true), (400, true), (450, true), (4_000, false), (4_050, false), (4_100, false),
                (4_150, false), (4_160, false)]);
    }

    [Fact]
    public void Pick_endpoint_that_has_only_failed_is_tried_again()
    {
        // It has no latency, and the others are idle at each pick.
        Endpoint[] endpoints = [.. TestEndpoint.Many(1), .. Warm(2, 10)];
        for (var i = 0; i < 4; i++)
        {
            endpoints[0].Load.ObserveFailure(At(99), overloaded: false);
        }

        Assert.DoesNotContain(endpoints[0], Count(endpoints, 1000, At(99)).Keys);
        Assert.Contains(endpoints[0], Count(endpoints, 1000, At(101)).Keys);
    }

    [Fact]
    public void Pick_retests_of_slow_endpoints_are_a_small_share_of_the_requests()
    {
        // All of the slow ones have been idle for long enough. One of 400 requests may look at one of them again.
        var endpoints = Warm(40, 10);
        foreach (var slow in endpoints.Take(20))
        {
            slow.Load.ObserveLatency(At(99), 10_000);
        }

        var picks = Count(endpoints, 40_000, At(200));
        Assert.InRange(endpoints.Take(20).Sum(e => picks.GetValueOrDefault(e)), 50, 150);
    }

    [Fact]
    public void Pick_latency_that_is_lower_by_more_than_a_tenth_decides()
    {
        var endpoints = Warm(3, 13);
        endpoints[0] = Warm(1, 10)[0];
        Assert.Equal(1000, Count(endpoints, 1000, At(99))[endpoints[0]]);
    }

    [Fact]
    public void Pick_latency_that_may_be_noise_fades_within_a_minute_of_silence()
    {
        var endpoints = Warm(2, 10);
        endpoints[0] = Warm(1, 15)[0];
        Assert.Equal(1000, Count(endpoints, 1000, At(100))[endpoints[1]]);
        Assert.InRange(Count(endpoints, 1000, At(159))[endpoints[0]], 200, 600);
    }

    [Fact]
    public void Pick_among_many_remembers_the_good_ones_it_has_found()
    {
        var good = Warm(10, 10);
        Endpoint[] endpoints = [.. Warm(990, 20), .. good];
        Count(endpoints, 2_000, At(99));
        var picks = Count(endpoints, 1_000, At(99));
        Assert.InRange(good.Sum(e => picks.GetValueOrDefault(e)), 900, 1_000);
    }

    [Fact]
    public void Pick_fewer_endpoints_than_before_is_no_trouble()
    {
        Count(Warm(1_000, 10), 1_000, At(99));
        var endpoints = Warm(100, 10);
        Assert.Equal(100, Count(endpoints, 20_000, At(99)).Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1000)]
    public void Pick_reaches_all_of_any_number(int count)
    {
        var endpoints = Warm(count, 10);
        var now = At(100);
        for (var i = 0; i < count * 20; i++)
        {
            _balancer.Pick(endpoints, now).Load.Enter(now);
        }

        Assert.All(endpoints, e => Assert.InRange(e.Load.InFlight, 17, 23));
    }

    [Theory]
    [InlineData(LoadBalancingPolicies.Adaptive, 1)]
    [InlineData(LoadBalancingPolicies.Adaptive, 3)]
    [InlineData(LoadBalancingPolicies.Adaptive, 1000)]
    [InlineData(LoadBalancingPolicies.LeastRequest, 3)]
    [InlineData(LoadBalancingPolicies.RoundRobin, 3)]
    [InlineData(LoadBalancingPolicies.WeightedRoundRobin, 3)]
    [InlineData(LoadBalancingPolicies.WeightedRoundRobin, 1000)]
    [InlineData(LoadBalancingPolicies.PeakEwma, 3)]
    [InlineData(LoadBalancingPolicies.Random, 3)]
    public void Pick_allocates_nothing(string policy, int count)
    {
        var endpoints = Warm(count, 10);
        var balancer = Picking.Catalog().Create(policy, "orders");
        PickMany(balancer, endpoints, 100_000);

        var before = GC.GetAllocatedBytesForCurrentThread();
        PickMany(balancer, endpoints, 1000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void AssertNoneStarves((float Milliseconds, bool Failed)[] pasts)
    {
        var balancer = new AdaptiveBalancer(new SeededRandom(7));
        var endpoints = TestEndpoint.Many(pasts.Length);
        for (var i = 0; i < pasts.Length; i++)
        {
            endpoints[i].Load.ObserveLatency(At(99), pasts[i].Milliseconds);
            if (pasts[i].Failed)
            {
                endpoints[i].Load.ObserveFailure(At(99), overloaded: false);
            }
        }

        Run(balancer, endpoints, concurrency: 3, seconds: 200, _ => (10, true));
        var shares = Run(balancer, endpoints, concurrency: 3, seconds: 60, _ => (10, true), from: 300);
        Assert.True(
            shares.Values.Min() > 0.2 / pasts.Length,
            string.Join(' ', endpoints.Select(endpoint => FormattableString.Invariant($"{shares[endpoint]:0.0000}"))));
    }

    private static double CostOf(EndpointLoad load, Endpoint[] candidates, MeshTime now)
    {
        var view = CandidateView.Of(candidates, now, new SeenEndpoint[candidates.Length]);
        return AdaptiveBalancer.Cost(load, load.InFlight, SeenEndpoint.Of(load, now.Stamp), view, now, mayRetest: false);
    }

    private static void PickMany(ILoadBalancer balancer, Endpoint[] endpoints, int count)
    {
        for (var i = 0; i < count; i++)
        {
            balancer.Pick(endpoints, At(100));
        }
    }

    private static Endpoint[] Warm(int count, float milliseconds)
    {
        var endpoints = TestEndpoint.Many(count);
        foreach (var endpoint in endpoints)
        {
            endpoint.Load.ObserveLatency(At(99), milliseconds);
        }

        return endpoints;
    }

    private Dictionary<Endpoint, int> Count(Endpoint[] endpoints, int picks, MeshTime now) =>
        Enumerable.Range(0, picks).Select(_ => _balancer.Pick(endpoints, now)).CountBy(e => e).ToDictionary();

    /// <summary>Some callers, each calling again as soon as it has its answer. Time is made of events: nothing waits.</summary>
    private Dictionary<Endpoint, double> Run(
        Endpoint[] endpoints, int concurrency, int seconds, Func<Endpoint, (float Milliseconds, bool Ok)> answer, int from = 100) =>
        Run(_balancer, endpoints, concurrency, seconds, answer, from);

    private static Dictionary<Endpoint, double> Run(
        AdaptiveBalancer balancer, Endpoint[] endpoints, int concurrency, int seconds, Func<Endpoint, (float Milliseconds, bool Ok)> answer,
            int from = 100)
    {
        var random = new Random(5);
        var events = new PriorityQueue<(Endpoint? Endpoint, MeshTime Start), MeshTime>();
        var counts = endpoints.ToDictionary(e => e, _ => 0);
        var now = At(from);
        var end = now + (seconds * Second);
        for (var i = 0; i < concurrency; i++)
        {
            events.Enqueue((null, now), now + Microseconds(i));
        }

        while (events.TryPeek(out _, out now) && now < end)
        {
            var ended = events.Dequeue();
            if (ended.Endpoint is { } done)
            {
                done.Load.Exit(ended.Start);
                var elapsed = (now - ended.Start).InMilliseconds();
                if (answer(done).Ok)
                {
                    done.Load.ObserveLatency(now, elapsed);
                    done.Load.ObserveSuccess(now);
                }
                else
                {
                    done.Load.ObserveAtLeast(now, elapsed);
                    done.Load.ObserveFailure(now, overloaded: false);
                }
            }

            var endpoint = balancer.Pick(endpoints, now);
            endpoint.Load.Enter(now);
            counts[endpoint]++;

            // Answers vary by a fifth.
            var taken = (long)(answer(endpoint).Milliseconds * 1000 * (0.9 + (0.2 * random.NextDouble())));
            events.Enqueue((endpoint, now), now + Microseconds(taken));
        }

        foreach (var (left, _) in events.UnorderedItems)
        {
            left.Endpoint?.Load.Exit(left.Start);
        }

        double total = counts.Values.Sum();
        return counts.ToDictionary(pair => pair.Key, pair => pair.Value / total);
    }
}
