using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Registration;

/// <summary>Changes the registration to DOWN while the application's health checks fail, and back to UP afterwards.</summary>
/// <remarks>Does nothing until the registration is UP for the first time: until then the life cycle waits for the same checks.</remarks>
internal sealed partial class HealthWatch(
    OwnRegistration own,
    ModelInForce model,
    TimeProvider time,
    HealthChecks checks,
    GuardedLogger<LogCategories.HealthWatch> logger) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly HealthDamping _damping = new();
    private Task _loop = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (checks.Any)
        {
            _loop = RunAsync(_stop.Token);
        }

        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => _stop.CancelAsync();

    public Task StopAsync(CancellationToken cancellationToken) => _loop;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        // Off the caller's thread, and out of the context in which the host starts its services.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            while (true)
            {
                var options = model.Current.Options.Discovery.Eureka.Health;
                await Task.Delay(options.Interval ?? DefaultInterval, time, stopping).ConfigureAwait(false);
                if (own.IsUp)
                {
                    await CheckAsync(model.Current.Options.Discovery.Eureka.Health, stopping).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The ordinary end.
        }
    }

    private async Task CheckAsync(EurekaHealthOptions options, CancellationToken stopping)
    {
        var blocker = options.Enabled == false
            ? null
            : await checks.BlockerAsync(stopping).ConfigureAwait(false);
        if (!_damping.Take(blocker is null, options.FailuresBeforeDown ?? 2, options.SuccessesBeforeUp ?? 2))
        {
            return;
        }

        own.SetHealthy(_damping.Healthy);
        if (blocker is not null)
        {
            LogUnhealthy(blocker.Text);
        }
        else
        {
            LogHealthy();
        }
    }

    [LoggerMessage(
        2128,
        LogLevel.Warning,
        "Not healthy because of {Blocker}: this instance is registered as DOWN.",
        EventName = "RegistrationUnhealthy")]
    private partial void LogUnhealthy(string blocker);

    [LoggerMessage(2129, LogLevel.Information, "Healthy again: this instance is registered as UP.", EventName = "RegistrationHealthy")]
    private partial void LogHealthy();
}
