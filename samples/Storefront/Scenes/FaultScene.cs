using Storefront.Controls;

namespace Storefront.Scenes;

/// <summary>One instance of <c>catalog</c> misbehaves for the length of the scene, and counts itself how often it did.</summary>
internal abstract class FaultScene(string name, string title, TimeSpan length, int victimIndex, FaultMode mode) : Scene(name, title, length)
{
    public override async Task<Proof?> PlayAsync(Stage stage, CancellationToken cancellation)
    {
        var victim = stage.Fleet.Catalog[victimIndex];
        var end = stage.Clock.Elapsed + Length;
        var before = await ReadAsync();
        await stage.Fleet.Admin.SetFaultAsync(victim, mode, cancellation);
        stage.Announce($"{victim.Name} pid {victim.Pid} is {mode.ToString().ToLowerInvariant()}");
        await stage.WaitUntilAsync(end, cancellation);
        await stage.Fleet.Admin.SetFaultAsync(victim, FaultMode.None, cancellation);
        var hits = await ReadAsync() - before;
        return new Proof(hits > 0, $"{victim.Name} pid {victim.Pid} {Describe(hits)}");

        async Task<long> ReadAsync() => Hits(await stage.Fleet.Admin.ReadStatsAsync(victim, cancellation)
            ?? throw new DemoException($"{victim.Name} does not tell its counters."));
    }

    protected abstract long Hits(InstanceStats stats);

    protected abstract string Describe(long hits);
}
