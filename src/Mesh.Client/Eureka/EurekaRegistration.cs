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
    TimeProvider time,
    IRandomSource random,
    RegistryMetrics metrics,
    GuardedLogger<LogCategories.EurekaRegistration> logger) : IDisposable
{
    /// <summary>How long the farewell may take: a stopping application must not hang on a registry that does.</summary>
    internal static readonly TimeSpan DeregistrationBudget = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();

    // Later than _stop: for requests that a registry may take although they were given up.
    private readonly CancellationTokenSource _abandon = new();
    private readonly RegistrationVersions _versions = new(time);
    private readonly Outage _outage = new(time);
    private bool _accepted;
    private InstanceRegistration? _registration;
    private RegistrationExchange? _exchange;
    private OverrideWatch? _overrides;
    private Task _loop = Task.CompletedTask;

    /// <summary>Whether the registry may know this instance: at least one registration was sent, answered or not.</summary>
    public bool Announced { get; private set; }

    /// <summary>Whether callers may know this instance: a registry may have got a registration as UP.</summary>
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
        own.Begin(registration.Metadata, registration.UpAtStart);
        _loop = RunAsync(registration, _exchange, _overrides, _stop.Token);
    }

    /// <summary>Ends the loop and waits for it, so that nothing it still has under way can undo the farewell.</summary>
    /// <remarks>A registration is waited for: a slow registry would take one that was given up after the farewell, and list this
    /// instance until its lease ends. Not for longer than the farewell may take, since a registry may also be dead.</remarks>
    /// <param name="cancellationToken">Cancelled when there is no time to wait.</param>
    public async Task EndLoopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.WaitAsync(DeregistrationBudget, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // Without effect where the loop has ended.
        await _abandon.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
    }

    /// <summary>Registers as DOWN. To be called after <see cref="EndLoopAsync"/>.</summary>
    /// <remarks>DOWN, because a real server ignores OUT_OF_SERVICE in a registration over an existing lease.</remarks>
    public Task AnnounceDownAsync(CancellationToken cancellationToken)
    {
        own.SetLife(RegistrationStatus.Down);
        return Announced
            ? DeregisterAsync(
                "is DOWN", RegistrationState.Down, token => _exchange!.RegisterAsync(own.Wanted, DeregistrationBudget, token),
                    cancellationToken)
            : Task.CompletedTask;
    }

    /// <summary>Removes the registration, if there ever was one.</summary>
    public Task RemoveAsync(CancellationToken cancellationToken) => Announced
        ? DeregisterAsync(
            "has ended", RegistrationState.None, token => client.DeleteAsync(_registration!, DeregistrationBudget, token),
                cancellationToken)
        : Task.CompletedTask;

    public void Dispose()
    {
        // Where the host did not get as far as stopping its services; the loop ends by itself.
        _stop.Cancel();
        _abandon.Cancel();
        _stop.Dispose();
        _abandon.Dispose();
    }

    private async Task RunAsync(
        InstanceRegistration registration, RegistrationExchange exchange, OverrideWatch overrides, CancellationToken stopping)
    {
        // Taken before anything else, so that STARTING is what is registered first, however soon the application is ready.
        var changed = own.NextChange;
        var wanted = own.Wanted;

        // Off the caller's thread, and out of whatever context the host starts its services in.
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

    /// <summary>Sends what is due.</summary>
    /// <returns>How long to wait for the next turn; null for not at all.</returns>
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
            // A late heartbeat cannot bring anything back. What has not begun when the application stops does not begin.
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
            // Not a reason to register again: the registry may well still have the lease. The same request is repeated.
            AnnouncedUp = announced || (AnnouncedUp && failure is not EurekaException { NothingSent: true });

            // The farewell says for itself what is wrong with the registry.
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
            // Whatever it is: what comes after the farewell, draining above all, must come.
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
