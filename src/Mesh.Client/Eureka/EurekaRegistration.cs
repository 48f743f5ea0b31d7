using Mesh.Client.Discovery;
using Mesh.Client.Eureka.Wire;
using Mesh.Client.Primitives;
using Mesh.Client.Registration;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Eureka;

/// <summary>Keeps this application registered while it runs: registers, renews, registers again
/// when the registry has forgotten it.</summary>
internal sealed partial class EurekaRegistration(
    EurekaClient client,
    OwnRegistration own,
    [OwnClock] TimeProvider time,
    IRandomSource random,
    RegistryMetrics metrics,
    GuardedLogger<LogCategories.EurekaRegistration> logger) : IDisposable
{
    /// <summary>How long deregistration may take: a registry that hangs must not keep a stopping application from ending.</summary>
    internal static readonly TimeSpan DeregistrationBudget = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();

    // Cancelled later than _stop: for requests that a registry may still accept after they were abandoned.
    private readonly CancellationTokenSource _abandon = new();
    private readonly RegistrationVersions _versions = new(time);
    private readonly Outage _outage = new(time);
    private bool _accepted;
    private InstanceRegistration? _registration;
    private RegistrationExchange? _exchange;
    private OverrideWatch? _overrides;
    private Task _loop = Task.CompletedTask;

    /// <summary>Whether the registry may know this instance: at least one registration was sent, with or without an answer.</summary>
    public bool Announced { get; private set; }

    /// <summary>Whether callers may know this instance: a registry may have received a registration as UP.</summary>
    public bool AnnouncedUp { get; private set; }

    /// <summary>Starts registering in the background, as STARTING. Called once.</summary>
    public void Begin(InstanceRegistration registration)
    {
        foreach (var guess in registration.Guesses)
        {
            LogPortGuessed(guess.Listening, guess.Registered, guess.Setting);
        }

        _registration = registration;
        _exchange = new RegistrationExchange(client, _versions, registration);
        _overrides = new OverrideWatch(own, _exchange, time, logger);
        metrics.Registered(RegistrationState.None);
        _loop = RunAsync(registration, _exchange, _overrides, _stop.Token);
    }

    /// <summary>Ends the loop and waits for it, so that none of its requests can undo the deregistration.</summary>
    /// <remarks>It waits for a registration under way: a slow registry could process an abandoned one after the deregistration, and list
    /// this instance until its lease ends. It waits no longer than deregistration may take, since a registry may also be dead.</remarks>
    /// <param name="cancellationToken">Cancelled when there is no time to wait.</param>
    public async Task EndLoopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.WaitAsync(DeregistrationBudget, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // No effect if the loop has ended.
        await _abandon.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
    }

    /// <summary>Registers what is wanted by now: DOWN. To be called after <see cref="EndLoopAsync"/>.</summary>
    /// <remarks>DOWN, because a real server ignores OUT_OF_SERVICE in a registration over an existing lease.</remarks>
    public Task AnnounceDownAsync(CancellationToken cancellationToken) => Announced
        ? DeregisterAsync(
            "is DOWN", RegistrationState.Down, token => _exchange!.RegisterAsync(own.Wanted, DeregistrationBudget, token),
                cancellationToken)
        : Task.CompletedTask;

    /// <summary>Removes the registration, if there ever was one.</summary>
    public Task RemoveAsync(CancellationToken cancellationToken) => Announced
        ? DeregisterAsync(
            "has ended", RegistrationState.None, token => client.DeleteAsync(_registration!, DeregistrationBudget, token),
                cancellationToken)
        : Task.CompletedTask;

    public void Dispose()
    {
        // For a host that did not get as far as stopping its services; the loop then ends by itself.
        _stop.Cancel();
        _abandon.Cancel();
        _stop.Dispose();
        _abandon.Dispose();
    }

    private async Task RunAsync(
        InstanceRegistration registration, RegistrationExchange exchange, OverrideWatch overrides, CancellationToken stopping)
    {
        // Read before anything else, so that STARTING is registered first, however soon the application is ready.
        var changed = own.NextChange;
        var wanted = own.Wanted;

        // Off the caller's thread, and out of the context in which the host starts its services.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            for (; ; changed = own.NextChange, wanted = own.Wanted)
            {
                var delay = await TurnAsync(registration, exchange, overrides, wanted, stopping).ConfigureAwait(false);
                if (delay is { } wait)
                {
                    await Pause.ForAsync(changed, wait, time, stopping).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The ordinary end.
        }
    }

    /// <summary>Sends the next request that is due.</summary>
    /// <returns>How long to wait until the next turn; null for no wait.</returns>
    private async Task<TimeSpan?> TurnAsync(
        InstanceRegistration registration, RegistrationExchange exchange, OverrideWatch overrides, WantedRegistration wanted,
            CancellationToken stopping)
    {
        var heartbeat = exchange.IsCurrent(wanted);
        var announced = AnnouncedUp;
        try
        {
            Announced = true;
            AnnouncedUp |= wanted.Effective == RegistrationStatus.Up;
            // A late heartbeat cannot restore anything, so it ends with the application. No request begins after the stop.
            var end = heartbeat || stopping.IsCancellationRequested ? stopping : _abandon.Token;
            var step = await exchange.NextAsync(wanted, overrides.Foreign, end).ConfigureAwait(false);
            stopping.ThrowIfCancellationRequested();
            switch (step)
            {
                case RegistrationStep.Forgotten:
                    await StartOverAsync(registration, exchange, overrides, stopping).ConfigureAwait(false);
                    return null;
                case RegistrationStep.Renewed:
                    metrics.Heartbeat(Results.Ok);
                    break;
                case RegistrationStep.Registered:
                    LogRegistered(registration.InstanceId, registration.App, EurekaStatusNames.NameOf(wanted.Effective));
                    break;
                case RegistrationStep.Changed:
                    LogChanged(
                        registration.InstanceId, registration.App, EurekaStatusNames.NameOf(wanted.Effective), wanted.Metadata.Count);
                    break;
            }

            Recovered();
            if (await overrides.LookAsync(step == RegistrationStep.Registered, stopping).ConfigureAwait(false))
            {
                return null;
            }

            metrics.Registered(
                StateOf(overrides.Foreign == RegistrationStatus.Unknown || wanted.Status != RegistrationStatus.Up ? wanted.Effective
                    : overrides.Foreign));
            return exchange.IsCurrent(wanted) ? PollSchedule.Next(registration.HeartbeatInterval, random) : null;
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !stopping.IsCancellationRequested)
        {
            // No reason to register again: the registry probably still has the lease. The same request is repeated.
            AnnouncedUp = announced || (AnnouncedUp && failure is not EurekaException { NothingSent: true });

            // The deregistration reports for itself what is wrong with the registry.
            stopping.ThrowIfCancellationRequested();
            Failed(failure);
            if (heartbeat)
            {
                metrics.Heartbeat(Results.Error);
            }
            else
            {
                await exchange.KeepAsync(stopping).ConfigureAwait(false);
            }

            return PollSchedule.AfterFailure(_outage.Failures, registration.HeartbeatInterval, random);
        }
    }

    /// <summary>The registry does not know the registration: it was restarted, or the lease was removed.</summary>
    private async Task StartOverAsync(
        InstanceRegistration registration, RegistrationExchange exchange, OverrideWatch overrides, CancellationToken stopping)
    {
        metrics.Heartbeat(Results.Forgotten);
        metrics.Registered(RegistrationState.None);
        LogForgotten(registration.InstanceId);
        var carried = await overrides.AfterForgottenAsync(stopping).ConfigureAwait(false);
        await Task.Delay(PollSchedule.BeforeRegisteringAgain(registration.HeartbeatInterval, random), time, stopping).ConfigureAwait(false);
        exchange.Restart(carried);
    }

    private async Task DeregisterAsync(
        string what, RegistrationState state, Func<CancellationToken, Task> send, CancellationToken cancellationToken)
    {
        using var budget = new CancellationTokenSource(DeregistrationBudget, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, budget.Token);
        try
        {
            await send(either.Token).ConfigureAwait(false);
            metrics.Registered(state);
        }
        catch (Exception failure)
        {
            // Whatever the failure: the steps after deregistration, draining above all, must still run.
            LogDeregistrationFailed(what, failure is OperationCanceledException ? "No answer in time." : failure.Message);
        }
    }

    private static RegistrationState StateOf(RegistrationStatus status) => status switch
    {
        RegistrationStatus.Up => RegistrationState.Up,
        RegistrationStatus.Starting => RegistrationState.Starting,
        RegistrationStatus.OutOfService => RegistrationState.OutOfService,
        _ => RegistrationState.Down,
    };

    private void Failed(Exception failure)
    {
        if (_outage.Add(failure))
        {
            LogUnreachable(failure.Message, failure is EurekaException ? null : failure);
        }
    }

    private void Recovered()
    {
        if (_outage.Failures > 0)
        {
            LogReachable(_accepted ? "again" : "now", _outage.Failures);
            _outage.End();
        }

        _accepted = true;
    }
}
