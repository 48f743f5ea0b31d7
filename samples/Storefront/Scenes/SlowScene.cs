using Storefront.Controls;

namespace Storefront.Scenes;

/// <summary>An instance answers everything correctly, but ten times as slowly.</summary>
internal sealed class SlowScene(TimeSpan length) : FaultScene(
    "slow", "one catalog takes 100 ms instead of 10 ms", length, victimIndex: 0, FaultMode.Slow)
{
    protected override long Hits(InstanceStats stats) => stats.Slow;

    protected override string Describe(long hits) => $"gave {hits} slow answers";
}
