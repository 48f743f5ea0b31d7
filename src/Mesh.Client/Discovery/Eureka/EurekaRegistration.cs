using Mesh.Client.Balancing;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>Keeps this application registered while it runs: registers, renews, registers again when the registry has forgotten it.</summary>
internal sealed partial class EurekaRegistration(
    EurekaClient client,
    TimeProvider time,
    IRandomSource random,
    RegistryMetrics metrics,
    ILogger<EurekaRegistration> logger) : IDisposable
{
    /// <summary>How long the farewell may take: a stopping application must not hang on a registry that does.</summary>
    internal static readonly TimeSpan FarewellBudget = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly ChangeSignal _changed = new();

    // Guards the wanted version, which the life cycle sets while the loop sends it.
    private readonly Lock _gate = new();
    private Version _wanted;
    private Registration? _registration;
    private Task _loop = Task.CompletedTask;
    private int _failures;

    /// <summary>Whether the registry may know this instance: at least one registration was sent, answered or not.</summary>
    public bool Announced { get; private set; }

    /// <summary>Whether callers may know this instance: a registration as UP was sent.</summary>
    public bool AnnouncedUp { get; private set; }

    /// <summary>Starts registering in the background, as STARTING. Called once.</summary>
    public void Begin(Registration registration)
    {
        _registration = registration;
        metrics.Registered(RegistrationState.None);
        Set(EurekaStatus.Starting);
        _loop = RunAsync(registration, _stop.Token);
    }

    /// <summary>Registers with this status as soon as possible, and from then on.</summary>
    public void Set(EurekaStatus status)
    {
        lock (_gate)
        {
            _wanted = Next(status);
        }

        _changed.Set();
    }

    /// <summary>Ends the loop and waits for it, so that nothing it still has under way can undo the farewell.</summary>
    public async Task EndLoopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
    }

    /// <summary>Registers as DOWN. To be called after <see cref="EndLoopAsync"/>.</summary>
    /// <remarks>DOWN, because a real server ignores OUT_OF_SERVICE in a registration over an existing lease.</remarks>
    public Task AnnounceDownAsync(CancellationToken cancellationToken)
    {
        Set(EurekaStatus.Down);
        var version = Wanted();
        return Announced
            ? FarewellAsync("DOWN", RegistrationState.Down, token => client.RegisterAsync(_registration!, version.Status, version.Dirty, FarewellBudget, token), cancellationToken)
            : Task.CompletedTask;
    }

    /// <summary>Removes the registration, if there ever was one.</summary>
    public Task RemoveAsync(CancellationToken cancellationToken) => Announced
        ? FarewellAsync("DELETE", RegistrationState.None, token => client.DeleteAsync(_registration!, FarewellBudget, token), cancellationToken)
        : Task.CompletedTask;

    public void Dispose()
    {
        // Where the host did not get as far as stopping its services; the loop ends by itself.
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task RunAsync(Registration registration, CancellationToken stopping)
    {
        // Taken before anything else, so that STARTING is what is registered first, however soon the application is ready.
        var changed = _changed.Next;
        var wanted = Wanted();

        // Off the caller's thread, and out of whatever context the host starts its services in.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var sent = default(Version);
        try
        {
            for (; ; changed = _changed.Next, wanted = Wanted())
            {
                TimeSpan delay;
                try
                {
                    if (sent != wanted)
                    {
                        Announced = true;
                        AnnouncedUp |= wanted.Status == EurekaStatus.Up;
                        await client.RegisterAsync(registration, wanted.Status, wanted.Dirty, null, stopping).ConfigureAwait(false);
                        sent = wanted;
                        metrics.Registered(StateOf(wanted.Status));
                        LogRegistered(registration.InstanceId, registration.App, EurekaStatusNames.NameOf(wanted.Status));
                    }
                    else if (!await client.HeartbeatAsync(registration, wanted.Status, wanted.Dirty, stopping).ConfigureAwait(false))
                    {
                        metrics.Heartbeat(Results.Forgotten);
                        metrics.Registered(RegistrationState.None);
                        LogForgotten(registration.InstanceId);
                        await Task.Delay(Pace.BeforeRegisteringAgain(registration.HeartbeatInterval, random), time, stopping).ConfigureAwait(false);
                        Renew();
                        continue;
                    }
                    else
                    {
                        metrics.Heartbeat(Results.Ok);
                    }

                    Recovered();
                    delay = Pace.Next(registration.HeartbeatInterval, random);
                }
                catch (Exception failure) when (!stopping.IsCancellationRequested)
                {
                    // Not a reason to register again: the registry may well still have the lease. The same request is repeated.
                    Failed(failure);
                    if (sent == wanted)
                    {
                        metrics.Heartbeat(Results.Error);
                    }

                    delay = Pace.AfterFailure(_failures, registration.HeartbeatInterval, random);
                }

                await DelayOrChangeAsync(delay, changed, stopping).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The ordinary end.
        }
    }

    private async Task DelayOrChangeAsync(TimeSpan delay, Task changed, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await Task.WhenAny(Task.Delay(delay, time, ended.Token), changed).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        stopping.ThrowIfCancellationRequested();
    }

    private async Task FarewellAsync(string what, RegistrationState state, Func<CancellationToken, Task> send, CancellationToken cancellationToken)
    {
        using var budget = new CancellationTokenSource(FarewellBudget, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, budget.Token);
        try
        {
            await send(either.Token).ConfigureAwait(false);
            metrics.Registered(state);
        }
        catch (Exception failure) when (failure is EurekaException or OperationCanceledException)
        {
            LogFarewellFailed(what, failure is EurekaException ? failure.Message : "No answer in time.");
        }
    }

    private static RegistrationState StateOf(EurekaStatus status) => status switch
    {
        EurekaStatus.Up => RegistrationState.Up,
        EurekaStatus.Starting => RegistrationState.Starting,
        _ => RegistrationState.Down,
    };

    private Version Wanted()
    {
        lock (_gate)
        {
            return _wanted;
        }
    }

    /// <summary>A new version of the same status: a registry that knows an older one takes this one.</summary>
    private void Renew()
    {
        lock (_gate)
        {
            _wanted = Next(_wanted.Status);
        }
    }

    // A server keeps the version with the later timestamp, so it must grow even if the clock stands still or goes back.
    private Version Next(EurekaStatus status) =>
        new(status, Math.Max(time.GetUtcNow().ToUnixTimeMilliseconds(), _wanted.Dirty + 1));

    private void Failed(Exception failure)
    {
        _failures++;
        if (_failures == 1)
        {
            LogUnreachable(failure.Message, failure is EurekaException ? null : failure);
        }
    }

    private void Recovered()
    {
        if (_failures > 0)
        {
            LogReachable(_failures);
            _failures = 0;
        }
    }

    private readonly record struct Version(EurekaStatus Status, long Dirty);
}
