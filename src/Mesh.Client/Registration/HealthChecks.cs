using Mesh.Client.Context;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Registration;

/// <summary>Runs the health checks that decide about this instance, each separately, to find out which of them call a service of the
/// mesh.</summary>
/// <remarks>Such a check never counts: the failure of one service would take down its callers, then theirs, and two services that wait for
/// each other would never start. Used by one flow at a time: by the life cycle until the registration is UP, from then on by
/// <see cref="HealthWatch"/>.</remarks>
internal sealed partial class HealthChecks(
    TimeProvider time,
    GuardedLogger<LogCategories.HealthWatch> logger,
    IServiceScopeFactory scopes,
    HealthCheckService? health = null,
    IOptions<HealthCheckServiceOptions>? registrations = null)
{
    /// <summary>The default timeout of one check.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    private const string Ready = "ready";
    private const string Mesh = "mesh";


    // The rounds do not overlap.
    private readonly HashSet<string> _callers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _running = new(StringComparer.Ordinal);

    /// <summary>Whether the application has health checks at all.</summary>
    public bool Any => health is not null && registrations is { Value.Registrations.Count: > 0 };

    /// <summary>Runs all checks that count.</summary>
    /// <param name="timeout">A check that takes longer is unhealthy, even if it ignores its token.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The names of the unhealthy checks, or null.</returns>
    public async Task<string?> BlockerAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (health is null || registrations is null)
        {
            return null;
        }

        HealthCheckRegistration[] asked =
        [
            .. registrations.Value.Registrations
                .Where(check => check.Tags.Contains(Ready) && !check.Tags.Contains(Mesh) && !_callers.Contains(check.Name)),
        ];
        var marks = Array.ConvertAll(asked, static _ => new ProbeMark());
        var asking = asked.Select((check, i) => IsUnhealthyAsync(check, marks[i], timeout, cancellationToken));
        var verdicts = await Task.WhenAll(asking).ConfigureAwait(false);
        List<string> unhealthy = [];
        for (var i = 0; i < asked.Length; i++)
        {
            var name = asked[i].Name;
            if (marks[i].Called is { } service)
            {
                _callers.Add(name);
                LogCaller(name, service);
            }
            else if (verdicts[i])
            {
                unhealthy.Add(name);
            }
        }

        return unhealthy.Count == 0 ? null : string.Join(", ", unhealthy);
    }

    private async Task<bool> IsUnhealthyAsync(
        HealthCheckRegistration check, ProbeMark mark, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (_running.TryGetValue(check.Name, out var before) && !before.IsCompleted)
        {
            // A check that hangs is not started a second time: each round would cost another thread or connection.
            return true;
        }

        // A value set by an async method is undone for its caller when the method returns: each check has a mark of its own.
        var holder = ContextHolder.Enter(new ProbeContext(mark) { Criticality = Criticality.Sheddable });
        using var timer = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        try
        {
            // The wait ends after the timeout even if the check ignores its token.
            var running = RunAsync(check, either.Token);
            _running[check.Name] = running;
            AbandonedTask.Watch(running);
            return await running.WaitAsync(either.Token).ConfigureAwait(false) == HealthStatus.Unhealthy;
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

    /// <summary>As in the health check service, which would log each unhealthy check as an error each time.</summary>
    private async Task<HealthStatus> RunAsync(HealthCheckRegistration check, CancellationToken cancellationToken)
    {
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            // Off this flow, since a check may block, and the others must run beside it.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            using var limit = check.Timeout == Timeout.InfiniteTimeSpan ? null : new CancellationTokenSource(check.Timeout, time);
            using var either = limit is null ? null : CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            try
            {
                var context = new HealthCheckContext { Registration = check };
                var made = check.Factory(scope.ServiceProvider);
                return (await made.CheckHealthAsync(context, either?.Token ?? cancellationToken).ConfigureAwait(false)).Status;
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                return check.FailureStatus;
            }
        }
    }

    [LoggerMessage(
        2130,
        LogLevel.Information,
        "Health check {Check} calls service {Service}: it does not decide about this instance's registration. Tag it 'mesh' to say so "
        + "yourself.",
        EventName = "HealthCheckIgnored")]
    private partial void LogCaller(string check, string service);
}
