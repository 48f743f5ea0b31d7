using System.Globalization;
using CsCheck;
using Mesh.Registry.Instances;
using Mesh.Registry.Store;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Registry.Tests.Instances;

/// <summary>The numbers by which clients spread over the instances of a service.</summary>
public sealed class OrdinalTests
{
    private readonly FakeTimeProvider _time = Clock.Create();
    private readonly RegistryStore _store;

    public OrdinalTests() => _store = Samples.Store(_time);

    [Fact]
    public void Register_gives_the_lowest_free_number_of_application_and_zone()
    {
        Register("a", zone: "1");
        Register("b", zone: "1");
        Register("c", zone: "2");
        Register("d");
        Register("x", app: "CATALOG", zone: "1");
        Assert.Equal([0, 1, 0, 0], Numbers("a", "b", "c", "d"));
        Assert.Equal(0, Number("x", "CATALOG"));

        _store.Cancel(new InstanceKey("ORDERS", "a"));
        Register("e", zone: "1");
        Register("f", zone: "1");
        Assert.Equal([0, 2], Numbers("e", "f"));
    }

    [Fact]
    public void Register_again_or_changed_keeps_the_number()
    {
        Register("a");
        Register("b");
        _store.Cancel(new InstanceKey("ORDERS", "a"));

        Register("b", dirty: 2);
        Assert.Equal(1, Number("b"));
        Register("b", dirty: 1);
        Assert.Equal(1, Number("b"));
        _store.SetMetadata(
            new InstanceKey("ORDERS", "b"), [KeyValuePair.Create("color", "blue"), KeyValuePair.Create("mesh.ordinal", "77")]);
        Assert.Equal(1, Number("b"));
        Assert.True(_store.Heartbeat(new InstanceKey("ORDERS", "b"), lastDirty: null));
        _store.SetStatus(new InstanceKey("ORDERS", "b"), InstanceStatus.Down, lastDirty: null);
        Assert.Equal(1, Number("b"));
        Register("c");
        Assert.Equal(0, Number("c"));
    }

    [Fact]
    public void Register_in_another_zone_takes_a_number_there_and_frees_the_old_one()
    {
        Register("a", zone: "1");
        Register("b", zone: "1");
        Register("a", zone: "2", dirty: 2);
        Register("c", zone: "1", dirty: 2);
        Assert.Equal([0, 1, 0], Numbers("a", "b", "c"));
    }

    [Fact]
    public void Register_number_that_an_instance_claims_for_itself_is_not_believed()
    {
        Register("a", claimed: "500");
        Assert.Equal(0, Number("a"));
    }

    [Fact]
    public void EvictExpired_frees_the_number()
    {
        Register("a", lease: 3);
        Register("b");
        _time.Advance(TimeSpan.FromSeconds(4));
        _store.EvictExpired();
        Register("c");
        Assert.Equal([1, 0], Numbers("b", "c"));
    }

    [Fact]
    public void Register_from_a_peer_keeps_its_number_and_of_two_the_lower()
    {
        Register("a", claimed: "3", fromPeer: true);
        Register("b");
        Assert.Equal([3, 0], Numbers("a", "b"));

        Register("b", claimed: "5", fromPeer: true, dirty: 2);
        Assert.Equal(0, Number("b"));
        Register("a", claimed: "1", fromPeer: true, dirty: 2);
        Assert.Equal(1, Number("a"));
        Register("c");
        Register("d");
        Assert.Equal([2, 3], Numbers("c", "d"));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("999999999")]
    [InlineData("99999999999999")]
    public void Register_number_of_a_peer_that_is_none_is_replaced(string claimed)
    {
        Register("a", claimed: claimed, fromPeer: true);
        Assert.Equal(0, Number("a"));
    }

    [Fact]
    public void Register_number_given_twice_is_free_when_both_have_gone()
    {
        Register("a");
        Register("b", claimed: "0", fromPeer: true);
        Assert.Equal([0, 0], Numbers("a", "b"));
        _store.Cancel(new InstanceKey("ORDERS", "a"));
        Register("c");
        Assert.Equal(1, Number("c"));
        _store.Cancel(new InstanceKey("ORDERS", "b"));
        Register("d");
        Assert.Equal(0, Number("d"));
    }

    [Fact]
    public void Register_numbers_are_dense_and_distinct_whoever_comes_and_goes() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 15]).Array[1, 100].Check(
            story =>
            {
                var store = Samples.Store(_time);
                var most = 0;
                foreach (var (comes, who) in story)
                {
                    if (comes)
                    {
                        store.Register(Samples.Instance(_time, "i" + who));
                    }
                    else
                    {
                        store.Cancel(new InstanceKey("ORDERS", "i" + who));
                    }

                    most = Math.Max(most, store.Snapshot.Count);
                    var numbers = store.Snapshot.Apps.Values.SelectMany(app => app.Values).Select(NumberOf).ToList();
                    Assert.Equal(numbers.Count, numbers.Distinct().Count());
                    Assert.All(numbers, number => Assert.InRange(number, 0, most - 1));
                }
            },
            count: 200);

    [Fact]
    public async Task Listing_shows_the_number_and_a_registry_without_ordinals_does_not()
    {
        await using var with = await RegistryServer.StartAsync();
        await with.RegisterAsync("ORDERS", Samples.Json(metadata: """{"zone":"1"}"""));
        Assert.Contains("\"mesh.ordinal\":\"0\"", await with.TextAsync("/eureka/apps"), StringComparison.Ordinal);
        Assert.Contains("\"mesh.ordinal\":\"0\"", await with.TextAsync("/eureka/apps/delta"), StringComparison.Ordinal);

        await using var without = await RegistryServer.StartAsync(options => options.Ordinals = false);
        await without.RegisterAsync("ORDERS", Samples.Json(metadata: """{"zone":"1"}"""));
        Assert.DoesNotContain("mesh.ordinal", await without.TextAsync("/eureka/apps"), StringComparison.Ordinal);
    }

    private void Register(
        string id, string app = "ORDERS", string? zone = null, string? claimed = null, bool fromPeer = false, int lease = 90, long dirty =
            1)
    {
        var instance = Samples.Instance(_time, id, app, lease: lease, dirty: dirty);
        if (zone is not null)
        {
            instance = instance with { Metadata = [.. instance.Metadata, KeyValuePair.Create("zone", zone)] };
        }

        if (claimed is not null)
        {
            instance = instance with { Metadata = [.. instance.Metadata, KeyValuePair.Create("mesh.ordinal", claimed)] };
        }

        Assert.True(_store.Register(instance, fromPeer));
    }

    private int[] Numbers(params string[] ids) => [.. ids.Select(id => Number(id))];

    private int Number(string id, string app = "ORDERS") => NumberOf(_store.Snapshot.Find(new InstanceKey(app, id))!);

    private static int NumberOf(RegisteredInstance instance) =>
        int.Parse(Assert.Single(instance.Metadata, entry => entry.Key == "mesh.ordinal").Value, CultureInfo.InvariantCulture);
}
