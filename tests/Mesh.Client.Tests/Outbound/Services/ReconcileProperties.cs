using CsCheck;
using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Tests.Outbound.Services;

/// <summary>Whatever sources publish, and in whatever order: the endpoints are those of the lists, each address once, and one that stays is
/// the same object.</summary>
public sealed class ReconcileProperties
{
    private static readonly Gen<(int Source, int[] Hosts, bool Anew)[]> Story =
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, 40].Array[0, 30], Gen.Bool).Array[1, 12];

    [Fact]
    public void Publish_makes_the_endpoints_what_the_lists_say_and_keeps_what_stays() => Story.Check(
        static story =>
        {
            using var mesh = Fleet.Of(0);
            var service = mesh.Catalog();
            var lists = new Dictionary<string, EndpointDescription[]>();
            var known = Enumerable.Range(0, 41).Select(Describe).ToArray();
            foreach (var (source, hosts, anew) in story)
            {
                if (anew && hosts.Length > 0)
                {
                    // The source describes one of them again, in another object.
                    known[hosts[0]] = Describe(hosts[0]);
                }

                var name = source == 0 ? "one" : "two";
                lists[name] = [.. hosts.Select(host => known[host])];
                var before = service.Endpoints.Current.All;
                service.Publish(name, lists[name]);

                var expected = lists.Values.SelectMany(list => list).DistinctBy(description => description.Address).ToArray();
                var after = service.Endpoints.Current.All;
                Assert.Equal(expected, after.Select(endpoint => endpoint.Description), ReferenceEqualityComparer.Instance);
                foreach (var endpoint in after)
                {
                    var same = Array.Find(before, other => other.Name == endpoint.Name);
                    Assert.True(same is null || ReferenceEquals(same, endpoint), $"{endpoint} was made anew.");
                }
            }
        },
        count: 300);

    /// <summary>A thousand endpoints, of which ten change: all others are kept without a look at their addresses.</summary>
    [Fact]
    public void Between_lists_that_differ_in_ten_of_a_thousand_finds_the_ten()
    {
        var endpoints = TestEndpoint.Many(1000);
        var wanted = endpoints.Select(endpoint => endpoint.Description).ToArray();
        for (var i = 50; i < 1000; i += 100)
        {
            wanted[i] = TestSource.Endpoint($"http://10.9.0.{i / 100}");
        }

        var diff = EndpointDiff.Between(endpoints, wanted);

        Assert.Equal(Enumerable.Range(0, 10).Select(i => 50 + (100 * i)), diff.Fresh);
        Assert.Equal(diff.Fresh.Select(i => endpoints[i]), diff.Leaving);
        Assert.Equal(990, diff.Kept.OfType<Endpoint>().Count());
    }

    [Fact]
    public void Between_lists_with_one_more_and_one_less_finds_both()
    {
        var endpoints = TestEndpoint.Many(20);
        var wanted = endpoints.Select(endpoint => endpoint.Description).ToList();
        wanted.RemoveAt(15);
        wanted.Insert(3, TestSource.Endpoint("http://10.9.0.1"));

        var diff = EndpointDiff.Between(endpoints, [.. wanted]);

        Assert.Equal([3], diff.Fresh);
        Assert.Equal([endpoints[15]], diff.Leaving);
    }

    private static EndpointDescription Describe(int host) => TestSource.Endpoint($"http://10.0.0.{host}");
}
