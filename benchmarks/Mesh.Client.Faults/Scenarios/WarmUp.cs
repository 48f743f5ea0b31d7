using Mesh.Client.Faults.Backends;
using Mesh.Client.Faults.Contenders;
using Mesh.Client.Faults.Load;

namespace Mesh.Client.Faults.Scenarios;

/// <summary>Lets the runtime compile what a contender needs, in an application that is thrown away.</summary>
/// <remarks>The measured application starts cold in all else: connections, health and breakers are its own. Without this the compiler, not
/// the contender, decides the slowest percent of a short run.</remarks>
internal static class WarmUp
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Contender contender)
    {
        // A dead one among them: the way of a failure is compiled too.
        await using var fleet = await Fleet.StartAsync([BackendBehaviour.Healthy, BackendBehaviour.Dead, BackendBehaviour.Healthy]);
        await using var application = await ClientApplication.StartAsync(contender, fleet);
        using var patience = new CancellationTokenSource(Longest);
        await OpenLoop.RunAsync(100, TimeSpan.FromSeconds(2), () => application.Client.GetAsync("/", patience.Token));
    }
}
