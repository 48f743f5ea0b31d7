using CsCheck;
using Mesh.Client.Outbound.Balancing.Locality;
using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Tests.Outbound.Balancing.Locality;

public sealed class NearestEndpointsTests
{
    [Theory]
    [InlineData(1_000, 1_000, 32)]
    [InlineData(700, 300, 20)]
    [InlineData(300, 700, 20)]
    [InlineData(1_000, 137, 32)]
    public void Of_with_ordinals_gives_every_endpoint_as_many_callers(int endpoints, int callers, int size)
    {
        var counts = Callers(Places.Many(endpoints), callers, size, ordinals: true);
        var mean = (double)callers * size / endpoints;
        Assert.Equal(endpoints, counts.Count);
        Assert.InRange(counts.Values.Max(), mean, (mean * 1.1) + 1.5);
        Assert.InRange(counts.Values.Min(), (mean * 0.9) - 1.5, mean);
    }

    [Fact]
    public void Of_without_ordinals_gives_every_endpoint_about_as_many_callers()
    {
        // Binomial: a mean of 32, a deviation of under 6.
        var counts = Callers(Places.Many(500, ordinals: false), 500, 32, ordinals: false);
        Assert.InRange(counts.Values.Max(), 33, 32 + (5 * 6));
        Assert.InRange(counts.Values.Min(), 32 - (5 * 6), 31);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_an_endpoint_that_goes_changes_one_place_of_those_who_used_it(bool ordinals) =>
        Gen.Select(Gen.Int[70, 400], Gen.Int[0, 1_000], Gen.Int[8, 32]).Check(
            (count, which, size) =>
            {
                var before = Places.Many(count, ordinals);
                var gone = before[which % count];
                Endpoint[] after = [.. before.Where(endpoint => endpoint != gone)];
                for (var caller = 0; caller < 40; caller++)
                {
                    var own = Places.Caller(caller, ordinals);
                    var some = NearestEndpoints.Of(before, own, size);
                    var others = NearestEndpoints.Of(after, own, size);
                    Assert.Equal(some.Where(endpoint => endpoint != gone), others.Take(some.Contains(gone) ? size - 1 : size));
                }
            },
            count: 20);

    [Fact]
    public void Of_few_are_the_beginning_of_many()
    {
        var endpoints = Places.Many(1_000);
        var all = NearestEndpoints.Of(endpoints, Places.Caller(7), 1_000);
        Assert.Equal(1_000, all.Distinct().Count());
        Assert.All([1, 2, 31, 500, 501, 999], count => Assert.Equal(all[..count], NearestEndpoints.Of(endpoints, Places.Caller(7), count)));
        Assert.Equal(all, NearestEndpoints.Of(endpoints, Places.Caller(7), 2_000));
        Assert.Empty(NearestEndpoints.Of([], Places.Caller(7), 32));
    }

    [Fact]
    public void Of_order_in_the_list_does_not_matter()
    {
        // Two registries that could not talk have given some numbers twice.
        Endpoint[] endpoints = [.. Places.Many(100), .. Places.Many(100, first: 500)];
        var forwards = NearestEndpoints.Of(endpoints, Places.Caller(3), 32);
        Array.Reverse(endpoints);
        Assert.Equal(forwards, NearestEndpoints.Of(endpoints, Places.Caller(3), 32));
    }

    [Theory]
    [InlineData(90, true)]
    [InlineData(89, false)]
    public void UsesRing_when_nine_of_ten_have_an_ordinal(int with, bool expected)
    {
        Endpoint[] endpoints = [.. Places.Many(with), .. Places.Many(100 - with, ordinals: false, first: 1_000)];
        Assert.Equal(expected, NearestEndpoints.UsesRing(endpoints, Places.Caller(1)));
        Assert.False(NearestEndpoints.UsesRing(endpoints, Places.Caller(1, ordinal: false)));
    }

    [Fact]
    public void Of_a_few_without_ordinal_get_their_part_of_the_callers()
    {
        Endpoint[] endpoints = [.. Places.Many(190), .. Places.Many(10, ordinals: false, first: 1_000)];
        var counts = Callers(endpoints, 200, 32, ordinals: true);
        Assert.All(endpoints, endpoint => Assert.InRange(counts.GetValueOrDefault(endpoint), 10, 60));
    }

    [Fact]
    public void Place_equal_ordinals_of_two_zones_do_not_meet()
    {
        var positions = Enumerable.Range(0, 100)
            .SelectMany(i => new[] { Places.Endpoint(i, "a", i), Places.Endpoint(500 + i, "b", i) })
            .Select(endpoint => endpoint.Place.Position >> 32);
        Assert.Equal(200, positions.Distinct().Count());
    }

    [Theory]
    [InlineData(999_999_999, true)]
    [InlineData(1_000_000_000, false)]
    public void Place_ordinal_has_up_to_nine_digits(int ordinal, bool has) =>
        Assert.Equal(has, Places.Endpoint(1, null, ordinal).Place.HasOrdinal);

    [Fact]
    public void Of_first_instances_of_many_services_do_not_meet()
    {
        var endpoints = Places.Many(200);
        var counts = Enumerable.Range(0, 100).SelectMany(service =>
        {
            var place = new LocalityProvider("service-" + service, null, "machine");
            place.Registers("s" + service);
            place.Heard("service-" + service, [Places.Described(1, ordinal: 0) with { InstanceId = "s" + service }]);
            return NearestEndpoints.Of(endpoints, place.Current, 20);
        }).CountBy(endpoint => endpoint).Select(pair => pair.Value).ToList();
        Assert.InRange(counts.Max(), 11, 30);
    }

    private static Dictionary<Endpoint, int> Callers(Endpoint[] endpoints, int callers, int size, bool ordinals) =>
        Enumerable.Range(0, callers)
            .SelectMany(i => NearestEndpoints.Of(endpoints, Places.Caller(i, ordinals), size))
            .CountBy(endpoint => endpoint)
            .ToDictionary();
}
