using Mesh.Registry.Store;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Registry.Tests.Store;

public sealed class EvictionLoopTests
{
    private readonly FakeTimeProvider _time = Clock.Create();

    // The timeout only ends a test that would otherwise never end.
    [Fact(Timeout = 30_000)]
    public async Task Loop_at_its_interval_evicts_and_goes_on()
    {
        var store = Samples.Store(_time);
        using var loop = new EvictionLoop(
            store, Samples.Settings(static options => options.EvictionInterval = TimeSpan.FromSeconds(1)), _time);
        await loop.StartAsync(TestContext.Current.CancellationToken);

        for (var round = 0; round < 2; round++)
        {
            store.Register(Samples.Instance(_time, lease: 3));
            await WaitUntilAsync(() => store.Counters.Evicted == round + 1, () => _time.Advance(TimeSpan.FromSeconds(1)));
        }

        await loop.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The timer makes up for the run that it has missed, before any heartbeat can arrive.</summary>
    [Fact(Timeout = 30_000)]
    public async Task Loop_after_a_standstill_waits_for_heartbeats_in_the_next_runs_too()
    {
        var store = Samples.Store(_time);
        using var loop = new EvictionLoop(
            store,
            Samples.Settings(static options =>
                (options.EvictionInterval, options.DefaultLeaseDuration) = (TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90))),
            _time);
        await loop.StartAsync(TestContext.Current.CancellationToken);
        store.Register(Samples.Instance(_time, lease: 90));

        _time.Advance(TimeSpan.FromSeconds(126));
        await SettleAsync();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await SettleAsync();
        _time.Advance(TimeSpan.FromSeconds(20));
        await SettleAsync();
        Assert.Equal(1, store.Snapshot.Count);

        await WaitUntilAsync(() => store.Counters.Evicted == 1, () => _time.Advance(TimeSpan.FromSeconds(60)));
        await loop.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Timers are always a little late: that must not add up.</summary>
    [Fact(Timeout = 30_000)]
    public async Task Loop_that_is_a_little_late_each_time_evicts_all_the_same()
    {
        var store = Samples.Store(_time);
        using var loop = new EvictionLoop(
            store, Samples.Settings(static options => options.EvictionInterval = TimeSpan.FromSeconds(1)), _time);
        await loop.StartAsync(TestContext.Current.CancellationToken);
        store.Register(Samples.Instance(_time, lease: 3));
        var start = _time.GetUtcNow();

        await WaitUntilAsync(() => store.Counters.Evicted == 1, () => _time.Advance(TimeSpan.FromMilliseconds(900)));

        Assert.True(_time.GetUtcNow() - start < TimeSpan.FromMinutes(5));
        await loop.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Loop_when_stopped_ends_and_evicts_no_more()
    {
        var store = Samples.Store(_time);
        using var loop = new EvictionLoop(
            store, Samples.Settings(static options => options.EvictionInterval = TimeSpan.FromSeconds(1)), _time);
        await loop.StartAsync(TestContext.Current.CancellationToken);
        store.Register(Samples.Instance(_time, lease: 3));

        await loop.StopAsync(TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.True(loop.ExecuteTask!.IsCompleted);
        Assert.Equal(1, store.Snapshot.Count);
    }

    private static async Task SettleAsync()
    {
        for (var i = 0; i < 100; i++)
        {
            await Task.Yield();
        }
    }

    // The loop continues on the thread pool after the clock has moved. Yielding gives it the processor without waiting on real time.
    private static async Task WaitUntilAsync(Func<bool> condition, Action meanwhile)
    {
        while (!condition())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            meanwhile();
            await Task.Yield();
        }
    }
}
