using Mesh.Registry.Instances;
using Mesh.Registry.Store;
using Mesh.Registry.Wire;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Registry.Tests.Instances;

/// <summary>When an instance without heartbeats leaves, and when it stays nevertheless.</summary>
public sealed class LeaseRulesTests
{
    private readonly FakeTimeProvider _time = Clock.Create();

    [Fact]
    public void Lease_doubled_as_on_a_netflix_server_counts_twice_after_a_heartbeat_only()
    {
        var lease = new Lease(3, _time, doubled: true);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.False(lease.IsExpired());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(lease.IsExpired());

        lease.Renew();
        Assert.Equal(TimeSpan.FromSeconds(-3), lease.ShownAge);
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.False(lease.IsExpired());
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(lease.IsExpired());
    }

    [Fact]
    public void DoubleLease_option_reaches_the_leases_of_registrations()
    {
        var store = Samples.Store(_time, static options => options.DoubleLease = true);
        var settings = Samples.Settings(static options => options.DoubleLease = true);
        var instance = new RegistrationReader(settings, _time).ReadJson(
            System.Text.Encoding.UTF8.GetBytes(Samples.Json(lease: 3)), "ORDERS").Instance!;
        store.Register(instance);
        store.Heartbeat(instance.Key, lastDirty: null);

        _time.Advance(TimeSpan.FromSeconds(6));
        store.EvictExpired();
        Assert.Equal(1, store.Snapshot.Count);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        store.EvictExpired();
        Assert.Equal(0, store.Snapshot.Count);
    }

    [Theory]
    [InlineData(1, 0.85, 1)]
    [InlineData(2, 0.85, 1)]
    [InlineData(7, 0.85, 2)]
    [InlineData(100, 0.85, 15)]
    [InlineData(100, 0, 100)]
    [InlineData(100, 1, 0)]
    public void EvictExpired_removes_at_most_a_share_at_a_time(int instances, double threshold, int leaving)
    {
        var store = Samples.Store(_time, options => (options.RenewalThreshold, options.SelfPreservation) = (threshold, false));
        for (var number = 0; number < instances; number++)
        {
            store.Register(Samples.Instance(_time, $"i{number}", lease: 3));
        }

        _time.Advance(TimeSpan.FromSeconds(4));
        store.EvictExpired();

        Assert.Equal(instances - leaving, store.Snapshot.Count);
    }

    [Fact]
    public void EvictExpired_while_most_are_silent_removes_nobody_and_says_so_once()
    {
        var logger = new FakeLogger<RegistryStore>();
        var store = new RegistryStore(Samples.Settings(), _time, new(() => logger));
        var instances = Register(store, 20);
        Beat(store, instances, 20, seconds: 120);
        Assert.False(store.Report().Leases.Protected);

        // 80 % still beat: too few.
        Beat(store, instances, 16, seconds: 120);
        store.EvictExpired();
        store.EvictExpired();
        Assert.Equal(20, store.Snapshot.Count);
        Assert.True(store.Report().Leases is { Protected: true, Promised: 40, Threshold: 34, Received: 32 });

        Beat(store, instances, 20, seconds: 60);
        store.EvictExpired();
        Assert.False(store.Report().Leases.Protected);
        Assert.Equal(
            [105, 106], logger.Collector.GetSnapshot().Where(static record => record.Id.Id >= 105).Select(static record => record.Id.Id));
    }

    [Fact]
    public void EvictExpired_while_few_are_silent_removes_them()
    {
        var store = Samples.Store(_time);
        var instances = Register(store, 20);

        Beat(store, instances, 18, seconds: 120);
        store.EvictExpired();

        Assert.Equal(18, store.Snapshot.Count);
    }

    [Theory]
    [InlineData(9, true, 8)]
    [InlineData(10, true, 10)]
    [InlineData(10, false, 8)]
    public void EvictExpired_protects_from_a_number_of_instances_on(int count, bool protection, int remaining)
    {
        var store = Samples.Store(_time, options => options.SelfPreservation = protection);
        Register(store, count);
        _time.Advance(TimeSpan.FromSeconds(91));

        store.EvictExpired();

        Assert.Equal(remaining == 8 ? count - (count - (int)(count * 0.85)) : remaining, store.Snapshot.Count);
    }

    [Fact]
    public void EvictExpired_later_than_planned_lets_leases_last_that_much_longer()
    {
        var store = Samples.Store(_time);
        store.Register(Samples.Instance(_time, lease: 3));
        _time.Advance(TimeSpan.FromSeconds(10));

        store.EvictExpired(TimeSpan.FromSeconds(7));
        Assert.Equal(1, store.Snapshot.Count);

        store.EvictExpired(TimeSpan.FromSeconds(6));
        Assert.Equal(0, store.Snapshot.Count);
    }

    [Fact]
    public void Renewals_are_those_of_the_last_minute()
    {
        var meter = new RenewalMeter(_time);
        for (var second = 0; second < 100; second++)
        {
            meter.Count();
            meter.Count();
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(118, meter.LastMinute());
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(58, meter.LastMinute());
        _time.Advance(TimeSpan.FromHours(5));
        Assert.Equal(0, meter.LastMinute());
    }

    private RegisteredInstance[] Register(RegistryStore store, int count)
    {
        var instances = Enumerable.Range(0, count).Select(number => Samples.Instance(_time, $"i{number}")).ToArray();
        foreach (var instance in instances)
        {
            store.Register(instance);
        }

        return instances;
    }

    /// <summary>The first ones send a heartbeat every 30 seconds.</summary>
    private void Beat(RegistryStore store, RegisteredInstance[] instances, int beating, int seconds)
    {
        for (var passed = 0; passed < seconds; passed += 30)
        {
            _time.Advance(TimeSpan.FromSeconds(30));
            foreach (var instance in instances.Take(beating))
            {
                store.Heartbeat(instance.Key, lastDirty: null);
            }
        }
    }
}
