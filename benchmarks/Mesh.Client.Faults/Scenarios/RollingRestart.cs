using Mesh.Client.Faults.Backends;

namespace Mesh.Client.Faults.Scenarios;

/// <summary>Takes one instance after the other down and up again on the same port, as a deployment does without telling anybody.</summary>
internal static class RollingRestart
{
    /// <summary>In a run of 30 s each instance is down for 4 s, with 5 s between two of them; other durations are scaled.</summary>
    public static async Task RunAsync(Fleet fleet, TimeSpan duration)
    {
        var down = duration * (4.0 / 30);
        var pause = duration * (5.0 / 30);
        await Task.Delay(duration * (3.0 / 30));
        foreach (var instance in fleet.Instances)
        {
            await instance.StopAsync();
            await Task.Delay(down);
            await instance.StartAsync();
            await Task.Delay(pause);
        }
    }
}
