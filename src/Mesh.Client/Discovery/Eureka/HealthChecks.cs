using Mesh.Client.Context;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>Runs the health checks that may take this instance out, each by itself, so that it shows which of them calls a service of the mesh.</summary>
/// <remarks>Such a check never counts: the failure of one service would take down those that call it, then those that call these.</remarks>
internal sealed partial class HealthChecks(HealthCheckService health, HealthCheckServiceOptions registrations, TimeProvider time, ILogger logger)
{
    private const string Ready = "ready";
    private const string Mesh = "mesh";

    // Of one loop only: the rounds do not overlap.
    private readonly HashSet<string> _callers = new(StringComparer.Ordinal);

    /// <returns>The names of the unhealthy checks, or null.</returns>
    public async Task<string?> BlockerAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        string[] names =
        [
            .. registrations.Registrations
                .Where(check => check.Tags.Contains(Ready) && !check.Tags.Contains(Mesh) && !_callers.Contains(check.Name))
                .Select(static check => check.Name),
        ];
        var marks = Array.ConvertAll(names, static _ => new ProbeMark());
        var verdicts = await Task.WhenAll(names.Select((name, i) => IsUnhealthyAsync(name, marks[i], timeout, cancellationToken))).ConfigureAwait(false);
        List<string> unhealthy = [];
        for (var i = 0; i < names.Length; i++)
        {
            if (marks[i].Called is { } service)
            {
                _callers.Add(names[i]);
                LogCaller(names[i], service);
            }
            else if (verdicts[i])
            {
                unhealthy.Add(names[i]);
            }
        }

        return unhealthy.Count == 0 ? null : string.Join(", ", unhealthy);
    }

    private async Task<bool> IsUnhealthyAsync(string name, ProbeMark mark, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // What an async method sets is undone for its caller when it returns: each check has a mark of its own.
        var holder = ContextHolder.Enter(new CallContext(clock: null) { Criticality = Criticality.Sheddable, Probe = mark });
        using var timer = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            // Waited for no longer than the timeout even if the check does not look at its token.
            var report = await health.CheckHealthAsync(check => check.Name == name, either.Token).WaitAsync(either.Token).ConfigureAwait(false);
            return report.Status == HealthStatus.Unhealthy;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }
        finally
        {
            holder.End();
        }
    }

    [LoggerMessage(2130, LogLevel.Information, "Health check {Check} calls service {Service}: it does not decide about this instance's registration. Tag it 'mesh' to say so yourself.", EventName = "HealthCheckIgnored")]
    private partial void LogCaller(string check, string service);
}
