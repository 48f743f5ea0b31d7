using Mesh.Client.Outbound.Balancing.Locality;

namespace Mesh.Client.Tests.Outbound.Balancing.Locality;

public sealed class WhereaboutsTests
{
    private readonly LocalityProvider _place = new("Orders", "a", "machine");

    [Fact]
    public void Seed_is_the_same_after_a_restart_and_another_for_every_instance()
    {
        var before = _place.Current.Seed;
        Assert.Equal(before, new LocalityProvider("orders", "a", "machine").Current.Seed);
        Assert.NotEqual(before, new LocalityProvider("orders", "a", "other").Current.Seed);

        Assert.True(_place.Registers("i1"));
        Assert.NotEqual(before, _place.Current.Seed);
        Assert.False(_place.Registers("i1"));
    }

    [Fact]
    public void Heard_finds_its_own_ordinal_and_where_its_peers_are()
    {
        _place.Registers("i1");
        Assert.True(
            _place.Heard("orders", [Places.Described(1, "a", ordinal: 4), Places.Described(2, "b", ordinal: 0),
                Places.Described(3, "b", ordinal: 1)]));

        Assert.NotNull(_place.Current.Ring);
        Assert.Equal(1 / 3.0, _place.Current.ShareOfCallers("a", 2));
        Assert.Equal(2 / 3.0, _place.Current.ShareOfCallers("b", 2));
        Assert.Equal(0, _place.Current.ShareOfCallers("c", 2));
    }

    [Fact]
    public void Heard_before_it_is_registered_counts_afterwards()
    {
        _place.Heard("orders", [Places.Described(1, "a", ordinal: 4)]);
        Assert.Null(_place.Current.Ring);
        _place.Registers("i1");
        Assert.NotNull(_place.Current.Ring);
    }

    [Fact]
    public void Heard_of_another_service_or_nothing_new_changes_nothing()
    {
        Assert.False(_place.Heard("catalog", [Places.Described(1, "a")]));
        Assert.True(_place.Heard("ORDERS", [Places.Described(1, "a")]));
        var before = _place.Current;
        Assert.False(_place.Heard("orders", [Places.Described(2, "a")]));
        Assert.Same(before, _place.Current);
    }

    [Fact]
    public void Heard_while_it_is_not_listed_keeps_its_place()
    {
        _place.Registers("i1");
        _place.Heard("orders", [Places.Described(1, "a", ordinal: 4)]);
        var ring = _place.Current.Ring;
        _place.Heard("orders", [Places.Described(2, "a", ordinal: 5)]);
        Assert.Equal(ring, _place.Current.Ring);
    }

    [Fact]
    public void Heard_without_a_zone_of_its_own_does_not_count_peers()
    {
        var place = new LocalityProvider("orders", "", "machine");
        Assert.Null(place.Current.Zone);
        Assert.False(place.Heard("orders", [Places.Described(1, "a")]));
        Assert.Equal(0.25, place.Current.ShareOfCallers("a", 4));
    }
}
