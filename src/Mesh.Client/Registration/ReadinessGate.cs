using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Registration;

/// <summary>Waits until the application may be published: its health checks tagged <c>ready</c> are healthy or degraded.</summary>
/// <remarks>It runs the checks itself, each second and without a log line each time; publishers report for the first time after 5 s and
/// then every 30 s. A check that calls a service of the mesh does not count. A check that hangs stops neither the other checks nor the
/// application's shutdown.</remarks>
internal sealed partial class ReadinessGate(
    HealthChecks checks, [OwnClock] TimeProvider time, GuardedLogger<LogCategories.ReadinessGate> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        string? reported = null;
        while (checks.Any && await checks.BlockerAsync(cancellationToken).ConfigureAwait(false) is { } blocker)
        {
            if (blocker.Key != reported)
            {
                reported = blocker.Key;
                LogNotReady(blocker.Text);
            }

            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(2210, LogLevel.Information, "Not published yet: not ready because of {Blocker}.", EventName = "NotReady")]
    private partial void LogNotReady(string blocker);
}
