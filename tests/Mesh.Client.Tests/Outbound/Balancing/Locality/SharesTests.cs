using Mesh.Client.Outbound.Balancing.Locality;

namespace Mesh.Client.Tests.Outbound.Balancing.Locality;

public sealed class SharesTests
{
    [Theory]
    [InlineData(10, 10, 1, 0)]
    [InlineData(10, 8, 1, 0)]
    [InlineData(10, 7, 0.98, 0.02)]
    [InlineData(10, 5, 0.7, 0.3)]
    [InlineData(10, 0, 0, 1)]
    public void Priority_next_level_gets_what_the_first_has_no_room_for(int count, int usable, double first, double second)
    {
        var shares = PriorityShares.Of([(count, usable), (5, 5)], out var covered);
        Assert.Equal(first, shares[0], 1e-9);
        Assert.Equal(second, shares[1], 1e-9);
        Assert.True(covered);
    }

    [Fact]
    public void Priority_with_too_little_room_altogether_all_share_in_proportion()
    {
        var shares = PriorityShares.Of([(10, 2), (10, 1)], out var covered);
        Assert.False(covered);
        Assert.Equal(2 / 3.0, shares[0], 1e-9);
        Assert.Equal(1 / 3.0, shares[1], 1e-9);
    }

    [Fact]
    public void Priority_nothing_usable_gives_nothing()
    {
        Assert.Equal([0, 0], PriorityShares.Of([(10, 0), (10, 0)], out var covered));
        Assert.False(covered);
    }

    [Fact]
    public void Zone_equal_zones_keep_all_calls() =>
        Assert.Equal([1, 0, 0], ZoneShares.Of(Places.In("a"), 0, [("a", 4, 4), ("b", 4, 4), ("c", 4, 4)])!);

    [Fact]
    public void Zone_too_small_for_its_callers_sends_the_rest_where_there_is_room()
    {
        // Half of the callers are here, but only a quarter of the capacity.
        var shares = ZoneShares.Of(Places.In("a", ("a", 2), ("b", 1), ("c", 1)), 0, [("a", 4, 4), ("b", 8, 8), ("c", 4, 4)])!;
        Assert.Equal([0.5, 0.5, 0], shares);
    }

    [Fact]
    public void Zone_rest_goes_by_what_is_left_over()
    {
        // Left over: 0.3 - 0.1 in b, 0.5 - 0.1 in c.
        var shares = ZoneShares.Of(Places.In("a", ("a", 8), ("b", 1), ("c", 1)), 0, [("a", 4, 4), ("b", 6, 6), ("c", 10, 10)])!;
        Assert.Equal(0.25, shares[0], 1e-9);
        Assert.Equal(0.25, shares[1], 1e-9);
        Assert.Equal(0.5, shares[2], 1e-9);
    }

    [Fact]
    public void Zone_capacity_counts_not_number()
    {
        var shares = ZoneShares.Of(Places.In("a"), 0, [("a", 5, 10), ("b", 5, 30)])!;
        Assert.Equal(0.5, shares[0], 1e-9);
    }

    [Theory]
    [InlineData(2, 10)]
    [InlineData(3, 2)]
    public void Zone_too_few_endpoints_are_not_split(int here, int there) =>
        Assert.Null(ZoneShares.Of(Places.In("a"), 0, [("a", here, here), ("b", there, there)]));

    [Fact]
    public void Zone_alone_or_none_of_many_is_not_split()
    {
        Assert.Null(ZoneShares.Of(Places.In("a"), 0, [("a", 10, 10)]));
        Assert.Null(ZoneShares.Of(Places.In("a"), 0, [.. Enumerable.Range(0, 17).Select(i => ("z" + i, 10, 10.0))]));
        Assert.NotNull(ZoneShares.Of(Places.In("a"), 0, [.. Enumerable.Range(0, 16).Select(i => ("z" + i, 10, 10.0))]));
    }
}
