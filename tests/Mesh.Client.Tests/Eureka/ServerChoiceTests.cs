using Mesh.Client.Eureka;
using Mesh.Client.Options;

namespace Mesh.Client.Tests.Eureka;

public class ServerChoiceTests
{
    private static readonly TimeSpan Quarantine = TimeSpan.FromMinutes(5);
    private readonly EurekaServer[] _servers = EurekaServer.From(["http://a/", "http://b/", "http://c/", "http://d/"]);
    private readonly ServerChoice _choice;
    private TimeSpan _now = TimeSpan.FromSeconds(1);

    public ServerChoiceTests() => _choice = new ServerChoice(_servers);

    [Fact]
    public void Order_is_as_configured_to_begin_with() => Assert.Equal("a b c d", Order());

    [Fact]
    public void Order_server_that_failed_comes_last_and_the_one_that_answered_first()
    {
        Fail("a");
        _choice.Answered(_servers[2], _now);

        Assert.Equal("c b d a", Order());
    }

    [Fact]
    public void Order_servers_that_failed_come_in_the_order_in_which_they_failed()
    {
        Fail("b");
        _now += TimeSpan.FromSeconds(1);
        Fail("a");

        Assert.Equal("c d b a", Order());
    }

    [Fact]
    public void Order_is_as_configured_again_when_the_quarantine_is_over()
    {
        Fail("a");
        _choice.Answered(_servers[1], _now);
        Assert.Equal("b c d a", Order());

        _now += Quarantine;

        Assert.Equal("a b c d", Order());
    }

    [Fact]
    public void Order_first_server_stays_first_for_ever_while_it_answers()
    {
        _choice.Answered(_servers[0], _now);
        _now += Quarantine * 3;
        _choice.Answered(_servers[0], _now);

        Assert.Equal("a b c d", Order());
    }

    [Fact]
    public void Failed_of_more_than_two_thirds_takes_all_back()
    {
        Fail("a");
        Fail("b");
        Assert.Equal("c d a b", Order());

        Fail("c");

        Assert.Equal("a b c d", Order());
    }

    [Fact]
    public void Order_without_quarantine_begins_with_the_first_each_time()
    {
        Fail("a");
        _choice.Answered(_servers[1], _now);

        Assert.Equal("a b c d", string.Join(' ', _choice.Order(_now, TimeSpan.Zero).Select(static server => server.Root.Host)));
    }

    [Theory]
    [InlineData("eu-1b", null, "b1 b2 x a1 c1")]
    [InlineData("eu-1B", null, "b1 b2 x a1 c1")]
    [InlineData("eu-1b", false, "x a1 b1 b2 c1")]
    [InlineData("elsewhere", null, "x a1 b1 b2 c1")]
    [InlineData(null, null, "x a1 b1 b2 c1")]
    public void InOrder_own_zone_then_servers_without_then_other_zones(string? zone, bool? preferSameZone, string expected)
    {
        var options = new EurekaOptions { ServiceUrls = ["x"], PreferSameZone = preferSameZone };
        options.ZoneServiceUrls["eu-1c"] = ["c1"];
        options.ZoneServiceUrls["eu-1b"] = ["b1", "b2"];
        options.ZoneServiceUrls["eu-1a"] = ["a1", "x"];

        Assert.Equal(expected, string.Join(' ', EurekaServers.InOrder(options, zone)));
    }

    private string Order() => string.Join(' ', _choice.Order(_now, Quarantine).Select(static server => server.Root.Host));

    private void Fail(string host) => _choice.Failed(Array.Find(_servers, server => server.Root.Host == host)!, _now);
}
