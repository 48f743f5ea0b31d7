using Mesh.Client.Context;
using Mesh.Client.Model;
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
    ModelInForce model,
    IWrittenKeys keys,
    TimeProvider time,
    GuardedLogger<LogCategories.HealthWatch> logger,
    IServiceScopeFactory scopes,
    HealthCheckService? health = null,
    IOptions<HealthCheckServiceOptions>? registrations = null)
{
    /// <summary>The longest time of one check where none is configured.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    private const string Ready = "ready";
    private const string Mesh = "mesh";

    // The rounds do not overlap.
    private readonly HashSet<string> _callers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _running = new(StringComparer.Ordinal);

    /// <summary>Whether the application has health checks at all.</summary>
    public bool Any => health is not null && registrations is { Value.Registrations.Count: > 0 };

    /// <summary>Runs all checks that count. One that takes longer than its limit is unhealthy, even if it ignores its token.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The unhealthy checks; null for none.</returns>
    public async Task<HealthBlocker?> BlockerAsync(CancellationToken cancellationToken)
    {
        if (health is null || registrations is null)
        {
            return null;
        }

        var timeout = model.Current.Options.Discovery.Eureka.Health.CheckTimeout ?? DefaultTimeout;
        HealthCheckRegistration[] asked =
        [
            .. registrations.Value.Registrations
                .Where(check => check.Tags.Contains(Ready) && !check.Tags.Contains(Mesh) && !_callers.Contains(check.Name)),
        ];
        var marks = Array.ConvertAll(asked, static _ => new ProbeMark());
        var asking = asked.Select((check, i) => FaultAsync(check, marks[i], timeout, cancellationToken));
        var faults = await Task.WhenAll(asking).ConfigureAwait(false);
        List<(string Check, HealthFault Fault)> unhealthy = [];
        for (var i = 0; i < asked.Length; i++)
        {
            var name = asked[i].Name;
            if (marks[i].Called is { } service)
            {
                _callers.Add(name);
                LogCaller(name, service);
            }
            else if (faults[i] is { } fault)
            {
                unhealthy.Add((name, fault));
            }
        }

        return unhealthy.Count == 0 ? null : HealthBlocker.Of(unhealthy);
    }

    /// <summary>Why a check is unhealthy; null where it is not.</summary>
    /// <param name="check">The check.</param>
    /// <param name="mark">Notes the services that it calls.</param>
    /// <param name="timeout">A check that takes longer is unhealthy, even if it does not look at its token.</param>
    /// <param name="cancellationToken">Ends it.</param>
    private async Task<HealthFault?> FaultAsync(
        HealthCheckRegistration check, ProbeMark mark, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (_running.TryGetValue(check.Name, out var before) && !before.IsCompleted)
        {
            // One that hangs is not started again beside itself: each round would cost a thread or a connection more.
            return TooSlow(timeout);
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
            return await running.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return timer.IsCancellationRequested ? TooSlow(timeout) : HealthFault.Thrown(failure);
        }
        finally
        {
            holder.End();
        }
    }

    private HealthFault TooSlow(TimeSpan timeout) => HealthFault.TooSlow(timeout, keys.Written("Discovery:Eureka:Health:CheckTimeout"));

    /// <summary>As the service of the health checks does it, which would log each unhealthy check each time as an error.</summary>
    private async Task<HealthFault?> RunAsync(HealthCheckRegistration check, CancellationToken cancellationToken)
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
                var result = await made.CheckHealthAsync(context, either?.Token ?? cancellationToken).ConfigureAwait(false);
                return result.Status == HealthStatus.Unhealthy ? HealthFault.Said(result) : null;
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                return check.FailureStatus != HealthStatus.Unhealthy ? null
                    : limit?.IsCancellationRequested == true ? HealthFault.TooSlow(check.Timeout, "the Timeout of its registration")
                    : HealthFault.Thrown(failure);
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
