using System.Globalization;

namespace Storefront.Scenes;

/// <summary>A process dies without a word, and the registry goes on listing it until its lease is over.</summary>
internal sealed class KillScene(TimeSpan length) : Scene("killed", "one catalog is killed by SIGKILL and started again later", length)
{
    public override async Task<Proof?> PlayAsync(Stage stage, CancellationToken cancellation)
    {
        var (fleet, monitor, clock, announce) = stage;
        var victim = fleet.Catalog[1];
        var begun = clock.Elapsed;
        var answered = monitor.TotalOf(victim).Requests;
        var end = await victim.KillAsync(cancellation);
        var died = string.Create(
            CultureInfo.InvariantCulture,
            $"{victim.Name} pid {end.Pid} died at {clock.Elapsed.TotalSeconds:0.0} s, exit code {end.ExitCode}, after {answered} answers");
        announce(died);

        await stage.WaitUntilAsync(begun + (Length * 0.6), cancellation);
        var took = await fleet.StartAgainAsync(victim, cancellation);
        var back = string.Create(CultureInfo.InvariantCulture, $"started again as pid {victim.Pid}, up {took.TotalSeconds:0.0} s later");
        announce($"{victim.Name} {back}");
        await stage.WaitUntilAsync(begun + Length, cancellation);

        return new Proof(end.ExitCode == ProcessEnd.Killed && answered > 0 && victim.Pid != end.Pid, $"{died}; {back}");
    }
}
