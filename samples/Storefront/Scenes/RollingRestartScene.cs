using System.Globalization;
using Storefront.Processes;

namespace Storefront.Scenes;

/// <summary>A deployment: every instance that the storefront calls is replaced, one after another.</summary>
internal sealed class RollingRestartScene(TimeSpan length)
    : Scene("restart", "every catalog and orders instance is restarted gracefully (SIGTERM), one by one", length)
{
    public override async Task<Proof?> PlayAsync(Stage stage, CancellationToken cancellation)
    {
        var (fleet, _, clock, announce) = stage;
        var begun = clock.Elapsed;
        var restarts = new List<string>();
        var graceful = 0;
        foreach (var instance in fleet.Catalog.Concat(fleet.Orders).ToArray())
        {
            var end = await Fleet.StopAsync(instance, cancellation);
            var took = await fleet.StartAgainAsync(instance, cancellation);
            var text = string.Create(
                CultureInfo.InvariantCulture,
                $"{instance.Name} pid {end.Pid} ended {end.Took.TotalSeconds:0.0} s after SIGTERM, exit code {end.ExitCode}; pid "
                + $"{instance.Pid} up {took.TotalSeconds:0.0} s later");
            announce(text);
            restarts.Add(text);
            graceful += end.ExitCode == 0 && end.Pid != instance.Pid ? 1 : 0;
            await stage.WaitUntilAsync(
                begun + (Length * ((double)restarts.Count / (fleet.Catalog.Count + fleet.Orders.Count))), cancellation);
        }

        return new Proof(graceful == restarts.Count, $"{graceful} of {restarts.Count} instances ended with exit code 0 and came "
            + $"back:\n{string.Join('\n', restarts)}");
    }
}
