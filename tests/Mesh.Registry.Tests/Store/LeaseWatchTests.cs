using System.Text.Json.Nodes;
using Mesh.Registry.Instances;
using Mesh.Registry.Store;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Registry.Tests.Store;

public sealed class LeaseWatchTests
{
    private readonly FakeTimeProvider _time = Clock.Create();

    [Fact]
    public void Current_within_five_seconds_is_one_look_at_the_instances()
    {
        var store = Samples.Store(_time);
        var watch = new LeaseWatch(store, _time);
        store.Register(Samples.Instance(_time, "a", lease: 3));
        Assert.Equal(0, watch.Current.Expired);

        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(0, watch.Current.Expired);

        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(1, watch.Current.Expired);

        store.Cancel(new InstanceKey("ORDERS", "a"));
        Assert.Equal(1, watch.Current.Expired);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0, watch.Current.Expired);
    }

    [Fact]
    public void Current_tells_of_self_preservation_as_the_report_does()
    {
        var store = Samples.Store(_time);
        var watch = new LeaseWatch(store, _time);
        foreach (var number in Enumerable.Range(0, 20))
        {
            store.Register(Samples.Instance(_time, $"i{number}") with { RenewalIntervalSeconds = 1 });
        }

        Assert.False(watch.Current.Leases.Protected);
        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.True(watch.Current.Leases.Protected);
        Assert.Equal((store.Report().Leases, store.Report().Expired), watch.Current);
    }

    [Fact]
    public async Task Health_counts_what_is_registered_at_once_and_expired_leases_within_seconds()
    {
        await using var server = await RegistryServer.StartAsync();
        await server.RegisterAsync("ORDERS", Samples.Json(lease: 3));
        await AssertHealthAsync(server, instances: 1, expired: 0);

        await server.RegisterAsync("ORDERS", Samples.Json("b", lease: 3));
        server.Time.Advance(TimeSpan.FromSeconds(4));
        await AssertHealthAsync(server, instances: 2, expired: 0);

        server.Time.Advance(TimeSpan.FromSeconds(1));
        await AssertHealthAsync(server, instances: 2, expired: 2);
    }

    private static async Task AssertHealthAsync(RegistryServer server, int instances, int expired)
    {
        var health = JsonNode.Parse(await server.TextAsync("/health"))!;
        Assert.Equal((instances, expired), ((int)health["instances"]!, (int)health["expired"]!));
    }
}
