using System.Text.Json.Nodes;
using Mesh.Registry.Instances;
using Mesh.Registry.Store;
using Mesh.Registry.Wire;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Registry.Tests.Wire;

public sealed class ListingCacheTests
{
    private readonly FakeTimeProvider _time = Clock.Create();

    [Fact]
    public void Current_without_a_change_gives_the_same_bytes()
    {
        var (store, cache) = Create();
        store.Register(Samples.Instance(_time));
        var first = cache.Current;
        store.Heartbeat(new InstanceKey("ORDERS", "a"), lastDirty: null);

        foreach (var form in Enum.GetValues<WireForm>())
        {
            Assert.Same(first.Full.In(form).Plain, cache.Current.Full.In(form).Plain);
            Assert.Same(first.Full.In(form).Gzip, cache.Current.Full.In(form).Gzip);
            Assert.Same(first.Delta!.In(form).Plain, cache.Current.Delta!.In(form).Plain);
            Assert.Same(first.Application("ORDERS")!.In(form).Plain, cache.Current.Application("ORDERS")!.In(form).Plain);
        }
    }

    [Fact]
    public void Current_after_a_change_shows_it_at_once()
    {
        var (store, cache) = Create();
        store.Register(Samples.Instance(_time));
        _ = cache.Current.Full;

        store.SetStatus(new InstanceKey("ORDERS", "a"), InstanceStatus.Down, lastDirty: null);

        Assert.Equal("DOWN_1_", Text(cache.Current.Full, "apps__hashcode"));
        Assert.Equal("DOWN_1_", Text(cache.Current.Delta!, "apps__hashcode"));
    }

    [Fact]
    public void Current_with_a_response_cache_shows_a_change_when_its_time_is_over()
    {
        var (store, cache) = Create(static options => options.ResponseCache = TimeSpan.FromSeconds(30));
        store.Register(Samples.Instance(_time));
        _ = cache.Current;
        _time.Advance(TimeSpan.FromSeconds(10));
        store.SetStatus(new InstanceKey("ORDERS", "a"), InstanceStatus.Down, lastDirty: null);

        _time.Advance(TimeSpan.FromSeconds(20) - TimeSpan.FromTicks(1));
        Assert.Equal("UP_1_", Text(cache.Current.Full, "apps__hashcode"));
        Assert.Equal("UP_1_", Text(cache.Current.Delta!, "apps__hashcode"));

        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("DOWN_1_", Text(cache.Current.Full, "apps__hashcode"));
        Assert.Equal("DOWN_1_", Text(cache.Current.Delta!, "apps__hashcode"));
    }

    [Fact]
    public void Current_after_the_maximum_age_shows_the_last_heartbeats()
    {
        var (store, cache) = Create();
        store.Register(Samples.Instance(_time));
        var before = LastRenewal(cache);
        _time.Advance(TimeSpan.FromSeconds(20));
        store.Heartbeat(new InstanceKey("ORDERS", "a"), lastDirty: null);
        Assert.Equal(before, LastRenewal(cache));

        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(before + 20_000, LastRenewal(cache));
    }

    [Fact]
    public void Delta_version_grows_with_each_delta_that_is_made()
    {
        var (store, cache) = Create();
        Assert.Equal("1", Text(cache.Current.Delta!, "versions__delta"));
        Assert.Equal("1", Text(cache.Current.Delta!, "versions__delta"));
        store.Register(Samples.Instance(_time));
        Assert.Equal("2", Text(cache.Current.Delta!, "versions__delta"));
        Assert.Equal("1", Text(cache.Current.Full, "versions__delta"));
    }

    [Fact]
    public void Delta_forgets_a_change_after_the_retention_without_another_change()
    {
        var (store, cache) = Create();
        store.Register(Samples.Instance(_time));
        Assert.Single(Wire(cache.Current.Delta!)["application"]!.AsArray());

        _time.Advance(TimeSpan.FromSeconds(181));

        Assert.Empty(Wire(cache.Current.Delta!)["application"]!.AsArray());
        Assert.Equal("UP_1_", Text(cache.Current.Delta!, "apps__hashcode"));
    }

    [Fact]
    public void Delta_after_lost_changes_is_refused_until_they_are_too_old_to_matter()
    {
        var (store, cache) = Create(static options => options.MaxInstances = 1);
        for (var number = 0; number < 3; number++)
        {
            var instance = Samples.Instance(_time, $"i{number}");
            store.Register(instance);
            store.Cancel(instance.Key);
        }

        Assert.Null(cache.Current.Delta);
        _time.Advance(TimeSpan.FromSeconds(181));
        Assert.NotNull(cache.Current.Delta);
    }

    [Fact]
    public void Hash_counts_states_in_the_order_of_their_names()
    {
        InstanceStatus[] states =
        [
            InstanceStatus.Up,
            InstanceStatus.OutOfService,
            InstanceStatus.Up,
            InstanceStatus.Down,
            InstanceStatus.Unknown,
            InstanceStatus.Starting,
        ];

        Assert.Equal(
            "DOWN_1_OUT_OF_SERVICE_1_STARTING_1_UNKNOWN_1_UP_2_",
            ListingWriter.Hash(states.Select(status => Samples.Instance(_time, status: status))));
        Assert.Equal("", ListingWriter.Hash([]));
    }

    private static JsonNode Wire(Payloads payload) => JsonNode.Parse(payload.In(WireForm.Json).Plain)!["applications"]!;

    private static string Text(Payloads payload, string field) => (string)Wire(payload)[field]!;

    private static long LastRenewal(ListingCache cache) =>
        (long)Wire(cache.Current.Full)["application"]![0]!["instance"]![0]!["leaseInfo"]!["lastRenewalTimestamp"]!;

    private (RegistryStore Store, ListingCache Cache) Create(Action<MeshRegistryOptions>? configure = null)
    {
        var store = Samples.Store(_time, configure);
        return (store, new ListingCache(store, Samples.Settings(configure), _time));
    }
}
