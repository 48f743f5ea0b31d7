using CsCheck;
using Mesh.Registry.Instances;
using Mesh.Registry.Store;
using Mesh.Registry.Wire;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Registry.Tests.Store;

public sealed class DeltaPropertyTests
{
    /// <summary>Acts on one of a few instances, or moves the clock; then perhaps the client polls.</summary>
    private static readonly Gen<(int Act, int Instance, int Status, bool Poll)> Steps = Gen.Select(
        Gen.Int[0, 7], Gen.Int[0, 5], Gen.Int[0, 4], Gen.Bool);

    [Fact]
    public void Full_and_all_changes_since_give_what_a_full_fetch_gives() => Steps.Array[0, 60].Check(
        static steps =>
        {
            var time = Clock.Create();
            var store = Samples.Store(time);
            var cache = new ListingCache(store, Samples.Settings(), time);
            var client = new PollingClient();
            client.Fetch(cache.Current.Full);
            foreach (var (act, number, status, poll) in steps)
            {
                Act(store, time, act, number, (InstanceStatus)status);
                if (poll)
                {
                    Check(client, cache);
                }
            }

            Check(client, cache);
        },
        count: 500);

    /// <summary>One long life with more instances: a client that polls after every few changes never has another picture than one that
    /// reads everything.</summary>
    [Fact]
    public void Ten_thousand_changes_told_piece_by_piece_give_what_a_full_fetch_gives()
    {
        var chance = new Random(20261123);
        var time = Clock.Create();
        var store = Samples.Store(time);
        var cache = new ListingCache(store, Samples.Settings(), time);
        var client = new PollingClient();
        client.Fetch(cache.Current.Full);
        for (var change = 0; change < 10_000; change++)
        {
            Act(store, time, chance.Next(8), chance.Next(60), (InstanceStatus)chance.Next(5));
            if (chance.Next(20) == 0)
            {
                Check(client, cache);
            }
        }

        Check(client, cache);
        Assert.True(store.Counters is { Registered: > 100, Cancelled: > 100, Evicted: > 100 });
    }

    internal static void Act(RegistryStore store, FakeTimeProvider time, int act, int number, InstanceStatus status)
    {
        // Ids repeat over two applications: an id alone does not name an instance.
        var instance = Samples.Instance(
            time, $"i{number % 3}", $"APP{number / 3}", status, lease: 5, dirty: status == InstanceStatus.Down ? 1 : 2);
        switch (act)
        {
            case 0 or 1:
                store.Register(instance);
                break;
            case 2:
                store.Cancel(instance.Key);
                break;
            case 3:
                store.SetStatus(instance.Key, status, lastDirty: null);
                break;
            case 4:
                store.ClearStatus(instance.Key, status, lastDirty: null);
                break;
            case 5:
                store.Heartbeat(instance.Key, lastDirty: null);
                break;
            case 6:
                // At most 60 steps of two seconds: always within the retention, as for a client that polls often enough.
                time.Advance(TimeSpan.FromSeconds(2));
                break;
            default:
                store.EvictExpired();
                break;
        }
    }

    private static void Check(PollingClient client, ListingCache cache)
    {
        var expectedHash = client.Apply(cache.Current.Delta!);
        var fresh = new PollingClient();
        fresh.Fetch(cache.Current.Full);
        Assert.Equal(fresh.Picture(), client.Picture());
        Assert.Equal(expectedHash, client.Hash());
    }
}
