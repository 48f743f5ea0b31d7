using Storefront.Driver;
using Storefront.Processes;

namespace Storefront.Scenes;

/// <summary>What a scene plays with.</summary>
internal sealed record Stage(Fleet Fleet, FleetMonitor Monitor, DemoClock Clock, Action<string> Announce)
{
    public async Task WaitUntilAsync(TimeSpan time, CancellationToken cancellation)
    {
        var left = time - Clock.Elapsed;
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, cancellation);
        }
    }
}
