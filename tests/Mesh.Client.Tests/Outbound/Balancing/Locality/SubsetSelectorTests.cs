using CsCheck;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Balancing.Locality;
using Mesh.Client.Outbound.Endpoints;
using static Mesh.Client.Tests.TestTime;

namespace Mesh.Client.Tests.Outbound.Balancing.Locality;

public sealed class EndpointSelectionTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(64, 64)]
    [InlineData(65, 32)]
    [InlineData(10_000, 32)]
    public void Select_uses_a_subset_of_services_with_more_than_twice_as_many(int count, int used)
    {
        var set = Places.Select(Places.Many(count), Places.Caller(1));
        Assert.Equal(used, set.Usable.Length);
        Assert.Equal(count - used, set.StandbyCount);
        Assert.Equal(count, set.Healthy.Length);
        Assert.Equal(used < count, set.Growth is not null);
        Assert.Equal(count, Places.Select(Places.Many(count), Places.Caller(1), o => o.LoadBalancing.SubsetSize = 0).Usable.Length);
    }

    [Fact]
    public void Select_none_is_empty()
    {
        var set = Places.Select([]);
        Assert.Empty(set.Usable);
        Assert.Empty(set.Groups);
        Assert.False(set.Panic);
    }

    [Fact]
    public void Select_members_that_are_out_beyond_a_third_are_replaced_one_by_one_and_all_others_stay()
    {
        var all = Places.Many(200);
        var selection = new SubsetSelector();
        var order = NearestEndpoints.Of(all, Places.Caller(5), 200);
        var own = Places.Caller(5);
        for (var outs = 0; outs <= 32; outs++)
        {
            var set = selection.Select(all, Places.Policy(), own);
            Assert.False(set.Panic);
            Assert.Equal(Math.Max(22, 32 - outs), set.Usable.Length);
            Assert.Equal(order[outs..][..set.Usable.Length], set.Usable);
            order[outs].Eject();
        }

        // And back again.
        foreach (var endpoint in order)
        {
            endpoint.Health.Readmit(At(0));
        }

        Assert.Equal(order[..32], selection.Select(all, Places.Policy(), own).Usable);
    }

    [Fact]
    public void Select_draining_members_are_replaced_too()
    {
        var all = Places.Many(200);
        var order = NearestEndpoints.Of(all, Places.Caller(5), 200);
        Array.ForEach(order[..20], endpoint => endpoint.BeginDraining(At(0), Second));
        Assert.Equal(order[20..42], Places.Select(all, Places.Caller(5)).Usable);
    }

    [Fact]
    public void Select_all_are_draining_and_ejected_uses_all()
    {
        var all = Places.Many(3);
        Array.ForEach(all, endpoint => endpoint.BeginDraining(At(0), Second));
        Array.ForEach(all, endpoint => endpoint.Eject());

        Assert.Equal(all, Places.Select(all).Usable);
    }

    [Fact]
    public void Select_whole_subset_is_ejected_does_not_panic_while_the_rest_of_the_fleet_is_healthy()
    {
        var all = Places.Many(1_000);
        var order = NearestEndpoints.Of(all, Places.Caller(5), 1_000);
        Array.ForEach(order[..32], endpoint => endpoint.Eject());

        var set = Places.Select(all, Places.Caller(5));

        Assert.False(set.Panic);
        Assert.Equal(order[32..54], set.Usable);

        // What this process can come to know is four times as much. When more than half of that is out, the fault is likely its own.
        Assert.Equal(128, set.Judged);
        Array.ForEach(order[..64], endpoint => endpoint.Eject());
        Assert.False(Places.Select(all, Places.Caller(5)).Panic);
        order[64].Eject();
        var panic = Places.Select(all, Places.Caller(5));
        Assert.True(panic.Panic);
        Assert.Equal(order[..32], panic.Usable);
    }

    [Fact]
    public void Select_all_that_it_can_know_is_ejected_uses_the_others()
    {
        var all = Places.Many(1_000);
        Array.ForEach(NearestEndpoints.Of(all, Places.Caller(5), 128), endpoint => endpoint.Eject());
        var set = Places.Select(
            all, Places.Caller(5), o => (o.OutlierDetection.MaxEjectedRatio, o.OutlierDetection.PanicThreshold) = (1, 0));
        Assert.Equal(872, set.Usable.Length);
        Assert.DoesNotContain(set.Usable, endpoint => endpoint.Health.IsEjected);
    }

    [Fact]
    public void Select_usable_endpoints_are_never_ejected_or_draining_and_the_counts_add_up() =>
        Gen.Select(Gen.Int[1, 150], Gen.Int[0, 1_000_000], Gen.Int[1, 3], Gen.Int[1, 3]).Check(
            (count, seed, zones, levels) =>
            {
                var random = new Random(seed);
                Endpoint[] all =
                    [.. Enumerable.Range(0, count).Select(i => Places.Endpoint(i, "z" + random.Next(zones), i, random.Next(levels)))];
                foreach (var endpoint in all)
                {
                    switch (random.Next(4))
                    {
                        case 0:
                            endpoint.Eject();
                            break;
                        case 1:
                            endpoint.BeginDraining(At(0), Second);
                            break;
                    }
                }

                var set = Places.Select(all, Places.In("z0"), o => o.LoadBalancing.SubsetSize = 10);
                Assert.Equal(all.Length, set.Healthy.Length + set.Ejected.Length + set.Draining.Length);
                Assert.Equal(set.Usable.Length, set.Usable.Distinct().Count());
                Assert.NotEmpty(set.Usable);
                Assert.Equal(1, set.Groups.Sum(group => group.Share), 1e-9);
                Assert.All(set.Groups, group => Assert.Empty(group.Endpoints.Concat(group.Elsewhere).Except(set.Usable)));
                if (!set.Panic && set.Healthy.Length > 0)
                {
                    Assert.DoesNotContain(set.Usable, endpoint => endpoint.IsDraining || endpoint.Health.IsEjected);
                    Assert.Equal(set.Healthy.Length - set.Usable.Length, set.StandbyCount);
                }
            },
            count: 400);

    [Fact]
    public void Select_equal_zones_keep_the_calls_in_their_own()
    {
        Endpoint[] all = [.. Zone("a", 4), .. Zone("b", 4), .. Zone("c", 4)];
        var set = Places.Select(all, Places.In("a"));
        var group = Assert.Single(set.Groups);
        Assert.Equal(all[..4], group.Endpoints);
        Assert.Equal(all[4..].ToHashSet(), group.Elsewhere.ToHashSet());
        Assert.Equal(12, set.Usable.Length);

        Assert.Equal(all, Assert.Single(Places.Select(all, Places.In("a"), o => o.LoadBalancing.ZoneAware = false).Groups).Endpoints);
        Assert.Equal(all, Assert.Single(Places.Select(all).Groups).Endpoints);
        Assert.Equal(all, Assert.Single(Places.Select(all, Places.In("d")).Groups).Endpoints);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Select_reload_of_zone_awareness_takes_effect_on_the_same_list(bool before)
    {
        Endpoint[] all = [.. Zone("a", 4), .. Zone("b", 4), .. Zone("c", 4)];
        var own = Places.In("a");
        var selection = new SubsetSelector();
        selection.Select(all, Places.Policy(o => o.LoadBalancing.ZoneAware = before), own);

        var set = selection.Select(all, Places.Policy(o => o.LoadBalancing.ZoneAware = !before), own);

        Assert.Equal(before ? all : all[..4], Assert.Single(set.Groups).Endpoints);
    }

    [Fact]
    public void Draw_uneven_zones_get_their_shares()
    {
        // Half of the callers are in a, with an eighth of the endpoints: a quarter of their calls can stay.
        // b is as large as its callers need, c has room.
        Endpoint[] all = [.. Zone("a", 4), .. Zone("b", 8), .. Zone("c", 20)];
        var set = Places.Select(all, Places.In("a", ("a", 2), ("b", 1), ("c", 1)));

        var picks = Picks(set);

        Assert.InRange(picks["a"], 24_500, 25_500);
        Assert.False(picks.ContainsKey("b"));
        Assert.InRange(picks["c"], 74_500, 75_500);
    }

    [Fact]
    public void Select_zone_with_fewer_than_three_usable_is_not_kept_to()
    {
        Endpoint[] all = [.. Zone("a", 4), .. Zone("b", 8)];
        Array.ForEach(all[..2], endpoint => endpoint.Eject());
        Assert.Equal(all[2..], Assert.Single(Places.Select(all, Places.In("a")).Groups).Endpoints);
    }

    [Fact]
    public void Select_subset_of_each_zone_by_its_share_and_twelve_at_least()
    {
        Endpoint[] all = [.. Zone("a", 200), .. Zone("b", 400), .. Zone("c", 400)];
        var home = Assert.Single(Places.Select(all, Places.In("a", ("a", 1), ("b", 2), ("c", 2))).Groups);
        Assert.Equal(32, home.Endpoints.Length);
        Assert.All(home.Endpoints, endpoint => Assert.Equal("a", endpoint.Place.Zone));
        Assert.Equal(8, home.Elsewhere.Length);

        // A fifth of the capacity for all callers.
        var set = Places.Select(all, Places.In("a", ("a", 5)));
        Assert.Equal([12, 13, 13], set.Groups.Select(group => group.Endpoints.Length));
        Assert.Equal(26, set.Groups[0].Elsewhere.Length);
    }

    [Fact]
    public void Select_zones_that_report_count_by_what_they_can_do()
    {
        Endpoint[] all = [.. Zone("a", 4), .. Zone("b", 4)];
        foreach (var endpoint in all)
        {
            endpoint.Load.ObserveReport(At(1), new LoadReport(1, endpoint.Place.Zone == "a" ? 30 : 10));
        }

        Assert.Equal(0.5, Places.Select(all, Places.In("a")).Groups[0].Share, 1e-6);
    }

    [Fact]
    public void Select_zone_of_which_few_report_counts_by_number()
    {
        Endpoint[] all = [.. Zone("a", 10), .. Zone("b", 10)];
        foreach (var endpoint in all.Where((_, i) => i is not (0 or 1)))
        {
            endpoint.Load.ObserveReport(At(1), new LoadReport(1, endpoint.Place.Zone == "a" ? 30 : 10));
        }

        Assert.Equal(1, Assert.Single(Places.Select(all, Places.In("a")).Groups).Share);
    }

    [Fact]
    public void Draw_lower_level_gets_what_the_higher_has_no_room_for()
    {
        Endpoint[] all = [.. Level(0, 20, 0), .. Level(1, 10, 100)];
        Assert.Equal(all[..20], Places.Select(all).Usable);

        Array.ForEach(all[..10], endpoint => endpoint.Eject());
        var picks = Picks(Places.Select(all), endpoint => endpoint.Place.Priority.ToString(null, null));
        Assert.InRange(picks["0"], 69_000, 71_000);
        Assert.InRange(picks["1"], 29_000, 31_000);
    }

    [Fact]
    public void Select_lower_level_that_can_take_everything_is_used_instead_of_panic()
    {
        Endpoint[] all = [.. Level(0, 10, 0), .. Level(1, 3, 100)];
        Array.ForEach(all[..10], endpoint => endpoint.Eject());
        var set = Places.Select(all);
        Assert.False(set.Panic);
        Assert.Equal(all[10..], set.Usable);
    }

    [Fact]
    public void Select_all_levels_are_ejected_uses_all()
    {
        Endpoint[] all = [.. Level(0, 5, 0), .. Level(1, 5, 100)];
        Array.ForEach(all, endpoint => endpoint.Eject());
        var set = Places.Select(all);
        Assert.True(set.Panic);
        Assert.Equal(10, set.Usable.Length);
        Assert.Single(set.Groups);
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("999", 127)]
    [InlineData("-1", 0)]
    [InlineData("high", 0)]
    [InlineData("99999999999", 0)]
    [InlineData("", 0)]
    public void Place_priority_is_a_number_or_the_highest(string label, int expected) =>
        Assert.Equal(
            expected, EndpointLocality.Of(
                TestSource.Endpoint("http://10.0.0.1") with { Labels = new Dictionary<string, string> { ["priority"] = label } }).Priority);

    [Fact]
    public void Secure_keeps_the_groups_of_those_with_tls()
    {
        Endpoint[] all = [.. Zone("a", 4), .. Zone("b", 8), TestEndpoint.At("https://10.200.0.1")];
        var secure = Places.Select(all, Places.In("a", ("a", 1))).Secure;
        Assert.Equal([all[^1]], secure.Usable);
        Assert.Equal(1, Assert.Single(secure.Groups).Share);
    }

    [Fact]
    public void Select_ejection_in_a_large_service_costs_one_copy_and_a_change_of_the_list_one_pass()
    {
        var all = Places.Many(10_000);
        var own = Places.Caller(1);
        var policy = Places.Policy();
        var selection = new SubsetSelector();
        selection.Select(all, policy, own);
        const int Copy = 10_000 * 8;

        NearestEndpoints.Of(all, own, 1)[0].Eject();
        Assert.InRange(Allocated(() => selection.Select(all, policy, own)), Copy, Copy * 1.1);
        Endpoint[][] lists = [[.. all[10..], .. Places.Many(10, first: 20_000)], all];
        var turn = 0;
        Assert.InRange(Allocated(() => selection.Select(lists[turn++ % 2], policy, own)), Copy, Copy * 1.2);
    }

    private static long Allocated(Action act)
    {
        act();
        var before = GC.GetAllocatedBytesForCurrentThread();
        act();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static Dictionary<string, int> Picks(EndpointSet set, Func<Endpoint, string>? key = null)
    {
        var random = new SeededRandom(3);
        return Enumerable.Range(0, 100_000).Select(_ => EndpointGroup.Draw(set.Groups, random).Endpoints)
            .Select(endpoints => endpoints[random.Next(endpoints.Length)]).CountBy(key ?? (endpoint => endpoint.Place.Zone)).ToDictionary();
    }

    private static Endpoint[] Zone(string zone, int count) => Places.Many(count, first: 1_000 * zone[0], zone: zone);

    private static Endpoint[] Level(int priority, int count, int first) =>
        [.. Enumerable.Range(first, count).Select(i => Places.Endpoint(i, priority: priority))];
}
