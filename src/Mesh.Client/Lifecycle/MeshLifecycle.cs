using Mesh.Client.Model;
using Mesh.Client.Outbound.Services;
using Mesh.Client.Registration;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Lifecycle;

/// <summary>Joins the mesh when the host starts and leaves it when the host stops, in the phases
/// where the server is known to listen.</summary>
/// <remarks>
/// Phases, never the order of hosted services: in <c>StartedAsync</c> the server listens whatever was registered when, in
/// <c>StoppingAsync</c> it still does, and in <c>StoppedAsync</c> its last request has ended.
/// </remarks>
internal sealed partial class MeshLifecycle(
    ServiceDirectory directory,
    IEnumerable<IServiceRegistrar> registrars,
    OwnRegistration own,
    ReadinessGate readiness,
    DrainState drain,
    ModelInForce model,
    IHostApplicationLifetime lifetime,
    IStopSignals signals,
    PendingStop pending,
    ShutdownTimeoutSetup patience,
    IOptions<HostOptions> host,
    TimeProvider time,
    GuardedLogger<LogCategories.MeshLifecycle> logger,
    IServer? server = null) : IHostedLifecycleService, IAsyncDisposable, IDisposable
{
    /// <summary>Wrappers of containers and shells deliver one signal twice: only a later one is a second request to stop.</summary>
    internal static readonly TimeSpan SameSignal = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _leaving = new();
    private readonly Lock _gate = new();
    private Task _becomingUp = Task.CompletedTask;
    private bool _begun;
    private bool _removed;

    // Guarded by _gate: a host may be told to stop from two sides at once, and leaves only once.
    private Task? _left;

    /// <summary>Where the server listens; null for none. A worker has no server and only calls; a server in memory (TestServer) has no
    /// address, or none that it says.</summary>
    private ICollection<string>? Addresses =>
        server?.Features.Get<IServerAddressesFeature>() is { Addresses: { Count: > 0 } addresses } ? addresses : null;

    /// <summary>Whether somebody may call who learns from answers, or from the readiness, that the application leaves. Nobody does where
    /// the mesh is off, which tells callers nothing, or where no address can be called.</summary>
    private bool IsCalled => model.Current.IsEnabled && Addresses is not null && (drain.HasCallers || drain.IsWatched);

    /// <summary>Discovery first, so that what the application calls while it starts finds its endpoints.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        CheckPatience();
        if (!model.Current.IsEnabled)
        {
            // What is switched on later starts with the first call.
            return;
        }

        // Before the server listens: after a restart, callers may still have the address from before.
        drain.IsWarmingUp = server is not null && registrars.Any(static registrar => registrar.IsWanted)
            && model.Current.Options.Lifecycle.RegisterWhen == RegisterWhen.Ready;
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
            // A source that fails is its own report; the application starts without it.
            LogSourceFailed(failure);
        }
        catch (OperationCanceledException)
        {
            // Told to stop while it starts: there is nothing to wait for any more.
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The server listens: register, in the background.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested || pending.IsRequested)
        {
            return Task.CompletedTask;
        }

        var atStart = model.Current.Options;
        var addresses = Addresses;
        if (addresses is null || !Begin(addresses))
        {
            drain.IsWarmingUp = false;
        }
        else
        {
            _becomingUp = BecomeUpAsync(_leaving.Token);
        }

        foreach (var registrar in addresses is null ? [] : registrars)
        {
            registrar.FollowReloads(atStart);
        }

        return Task.CompletedTask;
    }

    /// <summary>The server still serves: say goodbye, then serve on while the word spreads.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _left ??= LeaveAsync(cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The server has closed and its last request has ended: requests that were in flight
    /// could still call others until here.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        _removed = true;

        // With its own budget: a shutdown that ran late must still take its name off the list.
        await AllAsync(static registrar => registrar.RemoveAsync(CancellationToken.None)).ConfigureAwait(false);
        try
        {
            await directory.StopAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Out of time; the process ends anyway.
        }
    }

    /// <summary>A start that fails, or is cancelled, ends without any phase of stopping: the registration must not stay behind.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_begun && !_removed)
        {
            _removed = true;
            await _leaving.CancelAsync().ConfigureAwait(false);
            await _becomingUp.ConfigureAwait(false);
            await AllAsync(static registrar => registrar.EndAsync(CancellationToken.None)).ConfigureAwait(false);
            await AllAsync(static registrar => registrar.RemoveAsync(CancellationToken.None)).ConfigureAwait(false);
        }

        Dispose();
    }

    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    /// <summary>Whether the host lets draining take the time that it needs, now and after reloads.</summary>
    private void CheckPatience()
    {
        var options = host.Value;
        if (patience.Overruled is { } overruled)
        {
            LogRaised(overruled, options.ShutdownTimeout);
        }

        if (patience.IsTooShort(options))
        {
            // Set after ours, so it is meant.
            LogTooShort(options.ShutdownTimeout, patience.Needed);
        }

        model.OnChange(_ => patience.Raise(options));
    }

    /// <summary>Begins to register wherever the configuration asks for it.</summary>
    /// <returns>Whether there is a registration.</returns>
    private bool Begin(ICollection<string> addresses)
    {
        foreach (var registrar in registrars.Where(static registrar => registrar.IsWanted))
        {
            if (registrar.Prepare(addresses) is { } id)
            {
                _begun = true;
                directory.Registers(id);
                registrar.Begin();
            }
            else
            {
                LogNowhereToConnect(string.Join(", ", addresses));
            }
        }

        return _begun;
    }

    private Task AllAsync(Func<IServiceRegistrar, Task> act) => Task.WhenAll(registrars.Select(act));

    /// <summary>What fails on the way (a logger, say) must not keep the rest from happening: the application would
    /// stop without a word to its callers.</summary>
    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            // First of all nothing may register UP any more, not even a heartbeat that is answered late.
            await _leaving.CancelAsync().ConfigureAwait(false);
            await _becomingUp.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await AllAsync(registrar => registrar.EndAsync(cancellationToken)).ConfigureAwait(false);
            await AllAsync(registrar => registrar.AnnounceDownAsync(cancellationToken)).ConfigureAwait(false);
        }
        finally
        {
            drain.Begin();

            // There are no callers to wait for if the application was never published as UP, no caller with the mesh has its address from
            // elsewhere, and no load balancer reads its readiness.
            var delay = model.Current.Options.Lifecycle.DrainDelay;
            if ((registrars.Any(static registrar => registrar.IsAnnouncedUp) || IsCalled) && delay > TimeSpan.Zero)
            {
                LogDraining(delay);
                await ServeOnAsync(delay, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits for the delay, or until the operator asks a second time.</summary>
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
            // Ends early, too, when the host's patience is over: requests in flight need what is left.
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
            // ApplicationStarted comes after every StartedAsync: another service may still be warming up in there, or fail.
            await StartedSignalAsync(leaving).ConfigureAwait(false);
            if (pending.IsRequested)
            {
                return;
            }

            if (model.Current.Options.Lifecycle.RegisterWhen == RegisterWhen.Ready)
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
