namespace Storefront.Controls;

/// <summary>Holds the fault of this instance.</summary>
internal sealed class FaultSwitch
{
    // Written by the admin endpoint while requests read it; volatile, so that the next request sees the change.
    private volatile FaultMode _mode;

    public FaultMode Mode
    {
        get => _mode;
        set => _mode = value;
    }
}
