using Storefront.Driver;

namespace Storefront.Display;

/// <summary>What the displays read: the driver's side and the instances' side.</summary>
internal sealed class StatusSource(DemoClock clock, CallLog calls, FleetMonitor monitor)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(3);

    // Written by the demo, read by the display.
    private volatile string _scene = "";

    public string Scene
    {
        get => _scene;
        set => _scene = value;
    }

    public DemoClock Clock => clock;

    public IReadOnlyList<EndpointRow> Endpoints => monitor.Rows();

    public CallSummary RecentCalls => calls.SummarizeSince(clock.Elapsed - Window);

    public (int Calls, int Failed) Count => calls.Count();
}
