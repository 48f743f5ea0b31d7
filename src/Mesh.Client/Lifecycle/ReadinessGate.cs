using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Lifecycle;

/// <summary>Waits until the application may be published: its health checks tagged <c>ready</c> are healthy or degraded.</summary>
/// <remarks>It asks the health check service itself; publishers report for the first time after 5 s and then every 30 s.</remarks>
internal sealed partial class ReadinessGate(TimeProvider time, ILogger<ReadinessGate> logger, HealthCheckService? health = null)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var reported = false;
        while (health is not null && await BlockerAsync(health, cancellationToken).ConfigureAwait(false) is { } blocker)
        {
            if (!reported)
            {
                reported = true;
                LogNotReady(blocker);
            }

            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What keeps the application from being ready, or null.</summary>
    private static async Task<string?> BlockerAsync(HealthCheckService health, CancellationToken cancellationToken)
    {
        try
        {
            var report = await health.CheckHealthAsync(static check => check.Tags.Contains("ready"), cancellationToken).ConfigureAwait(false);
            return report.Status == HealthStatus.Unhealthy
                ? string.Join(", ", report.Entries.Where(static entry => entry.Value.Status == HealthStatus.Unhealthy).Select(static entry => entry.Key))
                : null;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return failure.Message;
        }
    }

    [LoggerMessage(2210, LogLevel.Information, "Not published yet: not ready because of {Blocker}.", EventName = "NotReady")]
    private partial void LogNotReady(string blocker);
}
