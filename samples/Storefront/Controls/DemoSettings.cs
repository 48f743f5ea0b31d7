namespace Storefront.Controls;

/// <summary>What the demo tells an instance, from the configuration section <c>Demo</c>.</summary>
internal sealed class DemoSettings
{
    public const string SectionName = "Demo";

    /// <summary>Whether this run shows the stock stack instead of the mesh.</summary>
    public bool Stock { get; set; }

    /// <summary>The file of the ledger, for an instance of <c>orders</c>.</summary>
    public string? Ledger { get; set; }
}
