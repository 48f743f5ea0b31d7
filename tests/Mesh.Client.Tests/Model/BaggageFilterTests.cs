using System.Diagnostics;
using Mesh.Client.Model;

namespace Mesh.Client.Tests.Model;

public sealed class BaggageFilterTests
{
    [Theory]
    [InlineData("tenant = acme, user=alice", "tenant=acme", "user=alice")]
    [InlineData("tenant=acme;p=1,lane=blue", "tenant=acme;p=1,lane=blue", "")]
    [InlineData("te%6Eant=acme", "te%6Eant=acme", "")]
    [InlineData("Tenant=acme", "", "Tenant=acme")]
    [InlineData("user=alice", "", "user=alice")]
    [InlineData("", "", "")]
    [InlineData(",,=,;", "", "=,;")]
    [InlineData("tenant=a\u00e9", "", "")]
    [InlineData("tenant=a\rb", "", "")]
    public void Apply_and_Remove_part_a_header_by_its_keys(string header, string allowed, string rest)
    {
        var filter = new BaggageFilter(["tenant", "lane"]);
        Assert.Equal(allowed, filter.Apply(header));
        Assert.Equal(rest, filter.Remove(header));
    }

    [Fact]
    public void Apply_without_keys_lets_nothing_pass() => Assert.Equal("", BaggageFilter.Nothing.Apply("tenant=acme"));

    [Fact]
    public void Apply_sends_2_KiB_at_most()
    {
        var filter = new BaggageFilter(["tenant", "lane", "zone"]);
        var header = $"tenant={new string('a', 1500)},lane={new string('b', 1500)},zone=c";
        Assert.Equal($"tenant={new string('a', 1500)},zone=c", filter.Apply(header));
    }

    [Fact]
    public void Copy_takes_the_listed_keys_of_an_activity()
    {
        using var from = new Activity("request").AddBaggage("tenant", "acme").AddBaggage("secret", "s");
        using var to = new Activity("attempt");
        new BaggageFilter(["tenant"]).Copy(from, to);
        Assert.Equal("tenant", Assert.Single(to.Baggage).Key);
    }
}
