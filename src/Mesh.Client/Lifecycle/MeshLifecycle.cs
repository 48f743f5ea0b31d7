using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Registration;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Lifecycle;

/// <summary>Joins the mesh when the host starts and leaves it when the host stops, in the phases in which the server is known to
/// listen.</summary>
/// <remarks>
/// It relies on phases, never on the order of hosted services: in <c>StartedAsync</c> the server listens, whatever was registered when; in
/// <c>StoppingAsync</c> it still does; in <c>StoppedAsync</c> its last request has ended.
/// </remarks>
internal sealed partial class MeshLifecycle(
    ServiceDirectory directory,
    Registrars registrars,
    OwnRegistration own,
    ReadinessGate readiness,
    DrainState drain,
    ModelInForce model,
    IHostApplicationLifetime lifetime,
    IStopSignals signals,
    PendingStop pending,
    ShutdownTimeoutSetup patience,
    IOptions<HostOptions> host,
    Func<MachineAddress> machine,
    TimeProvider time,
    GuardedLogger<LogCategories.MeshLifecycle> logger,
    IServer? server = null) : IHostedLifecycleService, IAsyncDisposable, IDisposable
{
    /// <summary>Wrappers of containers and shells deliver one signal twice: only a later one counts as a second request to stop.</summary>
    internal static readonly TimeSpan SameSignal = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _leaving = new();
    private readonly Lock _gate = new();
    private Task _becomingUp = Task.CompletedTask;
    private bool _hasPhases;
    private bool _begun;
    private bool _removed;

    // Guarded by _gate: a host may be told to stop from two sides at once, and the application must leave only once.
    private Task? _left;

    /// <summary>The addresses that the server listens on; null for none. A worker has no server and only calls; an in-memory server
    /// (TestServer) reports no address.</summary>
    private ICollection<string>? Addresses =>
        server?.Features.Get<IServerAddressesFeature>() is { Addresses: { Count: > 0 } addresses } ? addresses : null;

    /// <summary>Whether there may be a caller that learns from answers, or from the readiness, that the application leaves. There is none
    /// while the mesh is off, which tells callers nothing, or where no address can be called.</summary>
    private bool IsCalled => model.Current.IsEnabled && Addresses is not null && (drain.HasCallers || drain.IsWatched);

    /// <summary>Discovery first, so that calls during the start of the application find their endpoints.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        _hasPhases = true;
        CheckPatience();
        if (!model.Current.IsEnabled)
        {
            // If it is switched on later, it starts with the first call.
            return;
        }

        // Before the server listens: after a restart, callers may still have the address from before.
        drain.IsWarmingUp = server is not null && registrars.AnyWanted
            && model.Current.Options.Lifecycle.RegisterWhen == RegistrationTrigger.Ready;
        directory.Start();
        var wait = model.Current.Options.Discovery.StartupWait;
        if (wait <= TimeSpan.Zero || directory.WhenReady.IsCompletedSuccessfully)
        {
            return;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, pending.Token);
        try
        {
            await directory.WhenReady.WaitAsync(wait, time, either.Token).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            LogStartedWithoutAnswer(wait);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !either.IsCancellationRequested)
        {
            // A source that fails reports it itself; the application starts without it.
            LogSourceFailed(failure);
        }
        catch (OperationCanceledException)
        {
            // Told to stop during the start: no reason to wait any longer.
        }
    }

    /// <summary>All that a host without phases runs (the old WebHost). Joining and leaving are missing there: it must say so.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (!_hasPhases && model.Current.IsEnabled)
        {
            LogNotRun();
        }

        return Task.CompletedTask;
    }

    /// <summary>The server listens: register, in the background.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested || pending.IsRequested)
        {
            return Task.CompletedTask;
        }

        var addresses = Addresses;
        if (addresses is null || !Begin([.. addresses]))
        {
            drain.IsWarmingUp = false;
        }
        else
        {
            _becomingUp = BecomeUpAsync(_leaving.Token);
        }

        return Task.CompletedTask;
    }

    /// <summary>The server still serves: deregister, then keep serving until callers know.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _left ??= LeaveAsync(cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The server has closed and its last request has ended: until here, requests in flight could still call other
    /// services.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        _removed = true;

        await registrars.RemoveAsync().ConfigureAwait(false);
        try
        {
            await directory.StopAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Out of time; the process ends anyway.
        }
    }

    /// <summary>A start that fails, or is cancelled, ends without the stopping phases: the registration must not stay behind.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_begun && !_removed)
        {
            _removed = true;
            await _leaving.CancelAsync().ConfigureAwait(false);
            await _becomingUp.ConfigureAwait(false);
            await registrars.EndAsync(CancellationToken.None).ConfigureAwait(false);
            await registrars.RemoveAsync().ConfigureAwait(false);
        }

        Dispose();
    }

    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    /// <summary>Checks that the host allows draining the time that it needs, now and after reloads.</summary>
    private void CheckPatience()
    {
        var options = host.Value;
        if (patience.Overruled is { } overruled)
        {
            LogRaised(overruled, options.ShutdownTimeout);
        }

        if (patience.IsTooShort(options))
        {
            // Set after this package's setup, so it is intended.
            LogTooShort(options.ShutdownTimeout, patience.Needed);
        }

        model.OnChange(_ => patience.Raise(options));
    }

    /// <summary>Begins to register with every registry that the configuration asks for.</summary>
    /// <returns>Whether there is a registration.</returns>
    private bool Begin(string[] listening)
    {
        if (!model.Current.IsEnabled)
        {
            return false;
        }

        var options = model.Current.Options;
        var ids = registrars.Prepare(InstanceOf(options.Service.Name!, listening, machine()));
        if (ids.Count == 0)
        {
            return false;
        }

        _begun = true;
        foreach (var id in ids)
        {
            directory.Registers(id);
        }

        own.Begin(OwnMetadata.Of(options), options.Discovery.Eureka.UpAtStart ?? true);
        model.OnChange(view => own.Configure(OwnMetadata.Of(view.Options)));

        // A change since the settings were read raises no signal any more.
        own.Configure(OwnMetadata.Of(model.Current.Options));
        registrars.Begin();
        return true;
    }

    private static OwnInstance InstanceOf(string service, string[] listening, MachineAddress machine)
    {
        var address = AdvertisedAddressResolver.Resolve(listening, new EurekaOptions(), machine);
        return new OwnInstance
        {
            Service = service,
            HostName = address?.HostName,
            IPAddress = address?.IPAddress,
            Port = address?.Port,
            SecurePort = address?.SecurePort,
            Listening = listening,
        };
    }

    /// <summary>Leaves. A failure on the way (of a logger, say) must not skip the other steps: the application would stop without telling
    /// its callers.</summary>
    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            // First of all: nothing may register as UP any more, not even after a late answer to a heartbeat.
            await _leaving.CancelAsync().ConfigureAwait(false);
            await _becomingUp.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await registrars.EndAsync(cancellationToken).ConfigureAwait(false);
            own.SetLife(RegistrationStatus.Down);
            await registrars.AnnounceDownAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            drain.Begin();

            // There are no callers to wait for if the application was never published as UP, no caller with the mesh has its address from
            // elsewhere, and no load balancer reads its readiness.
            var delay = model.Current.Options.Lifecycle.DrainDelay;
            if ((registrars.AnyAnnouncedUp || IsCalled) && delay > TimeSpan.Zero)
            {
                LogDraining(delay);
                await ServeOnAsync(delay, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits for the delay, or until the operator sends a second signal.</summary>
    private async Task ServeOnAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = time.GetTimestamp();
        using (signals.Listen(() =>
        {
            if (time.GetElapsedTime(begun) >= SameSignal)
            {
                again.TrySetResult();
            }
        }))
        {
            // It also ends when the host's timeout is over: requests in flight need the rest of the time.
            await Task.WhenAny(Task.Delay(delay, time, over.Token), again.Task).ConfigureAwait(false);
        }

        await over.CancelAsync().ConfigureAwait(false);
        if (again.Task.IsCompleted)
        {
            LogCutShort(time.GetElapsedTime(begun));
        }
    }

    private async Task BecomeUpAsync(CancellationToken leaving)
    {
        try
        {
            // ApplicationStarted comes after every StartedAsync: another service may still be warming up in its own, or fail.
            await StartedSignalAsync(leaving).ConfigureAwait(false);
            if (pending.IsRequested)
            {
                return;
            }

            if (model.Current.Options.Lifecycle.RegisterWhen == RegistrationTrigger.Ready)
            {
                await readiness.WaitAsync(leaving).ConfigureAwait(false);
            }

            drain.IsWarmingUp = false;
            own.SetLife(RegistrationStatus.Up);
        }
        catch (OperationCanceledException) when (leaving.IsCancellationRequested)
        {
            // Told to stop before it was ready: it stays STARTING until it leaves.
        }
    }

    private async Task StartedSignalAsync(CancellationToken cancellationToken)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var listening = lifetime.ApplicationStarted.Register(static state => ((TaskCompletionSource)state!).TrySetResult(), started);
        await using (listening.ConfigureAwait(false))
        {
            await started.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
