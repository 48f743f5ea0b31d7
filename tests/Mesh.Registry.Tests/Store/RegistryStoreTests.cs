using Mesh.Registry.Instances;
using Mesh.Registry.Store;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Registry.Tests.Store;

public sealed class RegistryStoreTests
{
    private readonly FakeTimeProvider _time = Clock.Create();

    [Fact]
    public void EvictExpired_at_the_end_of_the_lease_keeps_the_instance()
    {
        var store = Samples.Store(_time);
        store.Register(Samples.Instance(_time, lease: 3));

        _time.Advance(TimeSpan.FromSeconds(3));
        store.EvictExpired();

        Assert.Equal(1, store.Snapshot.Count);
    }

    [Fact]
    public void EvictExpired_after_the_lease_removes_the_instance_and_only_it()
    {
        var store = Samples.Store(_time);
        store.Register(Samples.Instance(_time, "short", lease: 3));
        store.Register(Samples.Instance(_time, "long", lease: 4));

        _time.Advance(TimeSpan.FromSeconds(3.001));
        store.EvictExpired();

        Assert.Null(store.Snapshot.FindById("short"));
        Assert.NotNull(store.Snapshot.FindById("long"));
        var evicted = Assert.Single(store.Read().Changes, static change => change.LastChange == ChangeKind.Deleted);
        Assert.Equal("short", evicted.Id);
        Assert.Equal(_time.GetUtcNow().ToUnixTimeMilliseconds(), evicted.EvictedAt);
    }

    [Fact]
    public void Heartbeat_extends_the_lease_by_one_duration_and_not_by_two()
    {
        var store = Samples.Store(_time);
        var instance = Samples.Instance(_time, lease: 3);
        store.Register(instance);

        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(store.Heartbeat(instance.Key, lastDirty: null));
        _time.Advance(TimeSpan.FromSeconds(2));
        store.EvictExpired();
        Assert.Equal(1, store.Snapshot.Count);

        _time.Advance(TimeSpan.FromSeconds(1.001));
        store.EvictExpired();
        Assert.Equal(0, store.Snapshot.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Register_of_an_older_version_does_not_bring_a_removed_override_back(bool fromPeer)
    {
        var store = Samples.Store(_time);
        var instance = Samples.Instance(_time, dirty: 2);
        store.Register(instance);
        store.SetStatus(instance.Key, InstanceStatus.OutOfService, lastDirty: null);
        store.ClearStatus(instance.Key, InstanceStatus.Up, lastDirty: null);

        store.Register(instance with { LastDirtyAt = 1, Override = InstanceStatus.OutOfService, Lease = new Lease(90, _time) }, fromPeer);

        Assert.Equal((InstanceStatus.Up, null), (store.Snapshot.Find(instance.Key)!.Status, store.Snapshot.Find(instance.Key)!.Override));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Register_keeps_an_override_that_is_set_whatever_version_comes(long dirty)
    {
        var store = Samples.Store(_time);
        var instance = Samples.Instance(_time, dirty: 2);
        store.Register(instance);
        store.SetStatus(instance.Key, InstanceStatus.OutOfService, lastDirty: null);

        store.Register(instance with { LastDirtyAt = dirty, Override = InstanceStatus.Up, Lease = new Lease(90, _time) });

        Assert.Equal(InstanceStatus.OutOfService, store.Snapshot.Find(instance.Key)!.Override);
    }

    [Fact]
    public void Register_with_another_status_is_logged_and_with_the_same_is_not()
    {
        var logger = new FakeLogger<RegistryStore>();
        var store = new RegistryStore(Samples.Settings(), _time, new(() => logger));
        store.Register(Samples.Instance(_time, status: InstanceStatus.Starting));
        store.Register(Samples.Instance(_time, status: InstanceStatus.Starting, dirty: 2));
        store.Register(Samples.Instance(_time, dirty: 3));

        Assert.Equal([100, 107], logger.Collector.GetSnapshot().Select(static record => record.Id.Id));
        Assert.Equal("ORDERS/a is now UP, was STARTING", logger.LatestRecord.Message);
        Assert.Equal(LogLevel.Information, logger.LatestRecord.Level);
    }

    [Fact]
    public void Heartbeat_after_eviction_asks_to_register_again()
    {
        var store = Samples.Store(_time);
        var instance = Samples.Instance(_time, lease: 3);
        store.Register(instance);
        _time.Advance(TimeSpan.FromSeconds(4));
        store.EvictExpired();

        Assert.False(store.Heartbeat(instance.Key, lastDirty: null));
    }

    [Fact]
    public void EvictExpired_when_the_system_clock_is_set_forward_removes_nothing()
    {
        var time = new JumpingClock();
        var store = Samples.Store(time);
        store.Register(Samples.Instance(time, lease: 3));

        time.WallClock += TimeSpan.FromDays(1);
        store.EvictExpired();
        Assert.Equal(1, store.Snapshot.Count);

        time.Monotonic += TimeSpan.FromSeconds(4);
        store.EvictExpired();
        Assert.Equal(0, store.Snapshot.Count);
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    public void Heartbeat_with_a_client_version_is_good_unless_the_client_has_a_newer_one(long dirty, bool good)
    {
        var store = Samples.Store(_time);
        var instance = Samples.Instance(_time, dirty: 5);
        store.Register(instance);

        Assert.Equal(good, store.Heartbeat(instance.Key, dirty));
    }

    [Fact]
    public void Register_with_an_older_client_version_keeps_the_newer_one_and_its_lease_alive()
    {
        var store = Samples.Store(_time);
        store.Register(Samples.Instance(_time, dirty: 5, lease: 3) with { HomePageUrl = "new" });
        _time.Advance(TimeSpan.FromSeconds(2));
        store.Register(Samples.Instance(_time, dirty: 4, lease: 3) with { HomePageUrl = "old" });
        _time.Advance(TimeSpan.FromSeconds(2));
        store.EvictExpired();

        Assert.Equal("new", store.Snapshot.FindById("a")?.HomePageUrl);
    }

    [Fact]
    public void Cancel_forgets_a_status_that_was_set()
    {
        var store = Samples.Store(_time);
        var instance = Samples.Instance(_time);
        store.Register(instance);
        store.SetStatus(instance.Key, InstanceStatus.OutOfService, lastDirty: null);
        store.Register(Samples.Instance(_time));
        Assert.Equal(InstanceStatus.OutOfService, store.Snapshot.Find(instance.Key)?.Status);

        store.Cancel(instance.Key);
        store.Register(Samples.Instance(_time));

        Assert.Equal(InstanceStatus.Up, store.Snapshot.Find(instance.Key)?.Status);
    }

    [Fact]
    public void Register_when_the_registry_is_full_refuses_new_instances_only_and_warns_once()
    {
        var logger = new FakeLogger<RegistryStore>();
        var store = new RegistryStore(Samples.Settings(static options => options.MaxInstances = 2), _time, new(() => logger));
        Assert.True(store.Register(Samples.Instance(_time, "a")));
        Assert.True(store.Register(Samples.Instance(_time, "b")));

        Assert.False(store.Register(Samples.Instance(_time, "c")));
        Assert.False(store.Register(Samples.Instance(_time, "d")));
        Assert.True(store.Register(Samples.Instance(_time, "b", dirty: 2)));
        Assert.Equal(2, store.Snapshot.Count);
        var warning = Assert.Single(logger.Collector.GetSnapshot(), static record => record.Level == LogLevel.Warning);
        Assert.Equal((104, "RegistryFull"), (warning.Id.Id, warning.Id.Name));

        store.Cancel(new InstanceKey("ORDERS", "a"));
        Assert.True(store.Register(Samples.Instance(_time, "c")));
    }

    [Fact]
    public void Log_tells_who_came_changed_and_left()
    {
        var logger = new FakeLogger<RegistryStore>();
        var store = new RegistryStore(Samples.Settings(), _time, new(() => logger));
        var instance = Samples.Instance(_time, lease: 3);
        store.Register(instance);
        store.Register(Samples.Instance(_time, lease: 3, dirty: 2));
        store.SetStatus(instance.Key, InstanceStatus.Down, lastDirty: null);
        store.Cancel(instance.Key);
        store.Register(Samples.Instance(_time, lease: 3));
        _time.Advance(TimeSpan.FromSeconds(4));
        store.EvictExpired();

        var events = logger.Collector.GetSnapshot().Select(static record => (record.Id.Id, record.Id.Name));
        Assert.Equal(
            [(100, "InstanceRegistered"), (103, "InstanceStatusSet"), (101, "InstanceCancelled"), (100, "InstanceRegistered"),
                (102, "InstanceEvicted")],
            events);
    }

    [Fact]
    public async Task Register_from_many_threads_loses_nothing()
    {
        var store = Samples.Store(_time);
        await Parallel.ForAsync(0, 1_000, TestContext.Current.CancellationToken, (number, _) =>
        {
            var instance = Samples.Instance(_time, $"i{number}", $"APP{number % 7}");
            store.Register(instance);
            store.Heartbeat(instance.Key, lastDirty: null);
            if (number % 2 == 0)
            {
                store.Cancel(instance.Key);
            }

            return ValueTask.CompletedTask;
        });

        Assert.Equal(500, store.Snapshot.Count);
        Assert.Equal(500, store.Snapshot.Apps.Values.Sum(static instances => instances.Count));
        Assert.Equal(new RegistryCounters(1_000, 500, 0, 1_000), store.Counters);
    }
}
