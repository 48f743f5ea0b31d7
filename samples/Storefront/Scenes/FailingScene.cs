using Storefront.Controls;

namespace Storefront.Scenes;

/// <summary>An instance answers at once, and always with an error.</summary>
internal sealed class FailingScene(TimeSpan length) : FaultScene(
    "failing", "one catalog answers 500 to everything", length, victimIndex: 2, FaultMode.Failing)
{
    protected override long Hits(InstanceStats stats) => stats.Failed;

    protected override string Describe(long hits) => $"gave {hits} answers with status 500";
}
