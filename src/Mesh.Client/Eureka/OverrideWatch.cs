using Mesh.Client.Eureka.Wire;
using Mesh.Client.Primitives;
using Mesh.Client.Registration;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Eureka;

/// <summary>Watches how the registry shows this instance: whether an operator has set its status, and whether the registry uses an older
/// registration.</summary>
/// <remarks>A failed look changes nothing: it is never a reason to fail.</remarks>
internal sealed partial class OverrideWatch(
    OwnRegistration own, RegistrationExchange exchange, TimeProvider time, GuardedLogger<LogCategories.EurekaRegistration> logger)
{
    /// <summary>With heartbeats faster than this, not every heartbeat looks.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>Two instances that share an id would outbid each other's version for ever.</summary>
    private const int MaxRestarts = 3;

    private long? _looked;
    private int _restarts;
    private bool _taken;

    /// <summary>The status that an operator has set; unknown for none.</summary>
    public RegistrationStatus Foreign { get; private set; }

    /// <returns>Whether the registry keeps an older registration with a later version: this one must be sent again, as a later
    /// one.</returns>
    public async Task<bool> LookAsync(bool registered, CancellationToken cancellationToken)
    {
        if (!registered && _looked is { } before && time.GetElapsedTime(before) < Interval)
        {
            return false;
        }

        _looked = time.GetTimestamp();
        if (await TryLookAsync(cancellationToken).ConfigureAwait(false) is not { } shown)
        {
            return false;
        }

        Take(shown.OverriddenStatus);
        if (registered && _restarts < MaxRestarts && exchange.IsOutdated(shown))
        {
            // The clock went back, or another machine's clock was ahead when it registered under this id.
            _restarts++;
            LogOutdated(Printable.Of(shown.Key.Id));
            exchange.Restart(RegistrationStatus.Unknown);
            return true;
        }

        ReportTaken(exchange.DifferenceOf(shown), shown);
        return false;
    }

    /// <summary>A heartbeat was answered with 404.</summary>
    /// <returns>The override to register with, because the registry may have lost it.</returns>
    public async Task<RegistrationStatus> AfterForgottenAsync(CancellationToken cancellationToken)
    {
        if (await TryLookAsync(cancellationToken).ConfigureAwait(false) is { } shown)
        {
            // The instance is listed, so nothing is lost: a server also answers like this after the override was removed. It must not come
            // back.
            Take(shown.OverriddenStatus);
            return RegistrationStatus.Unknown;
        }

        if (Foreign != RegistrationStatus.Unknown)
        {
            LogOverrideRestored(EurekaStatusNames.NameOf(Foreign));
        }

        return Foreign;
    }

    /// <summary>Logs once, until the registry lists this application again.</summary>
    private void ReportTaken(string? difference, EurekaInstance shown)
    {
        if (difference is not null && !_taken)
        {
            LogTaken(Printable.Of(shown.Id), Printable.Of(difference));
        }

        _taken = difference is not null;
    }

    private async Task<EurekaInstance?> TryLookAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await exchange.LookAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (EurekaException)
        {
            return null;
        }
    }

    private void Take(RegistrationStatus shown)
    {
        var foreign = exchange.OwnsOverride && shown == RegistrationStatus.OutOfService ? RegistrationStatus.Unknown : shown;
        Foreign = foreign;
        if (own.SetOverridden(foreign))
        {
            if (foreign == RegistrationStatus.Unknown)
            {
                LogOverrideEnded();
            }
            else
            {
                LogOverride(EurekaStatusNames.NameOf(foreign));
            }
        }
    }

    [LoggerMessage(
        2126,
        LogLevel.Information,
        "The status of this instance is overridden at the registry by {Status}, until the override is removed there.",
        EventName = "StatusOverridden")]
    private partial void LogOverride(string status);

    [LoggerMessage(
        2132,
        LogLevel.Information,
        "The status of this instance is no longer overridden at the registry.",
        EventName = "StatusOverrideEnded")]
    private partial void LogOverrideEnded();

    [LoggerMessage(
        2134,
        LogLevel.Warning,
        "The registry has lost this instance, and it registers again with the override {Status} that it had at the last look. If the override "
        + "was removed since, remove it once more.",
        EventName = "StatusOverrideRestored")]
    private partial void LogOverrideRestored(string status);

    // Not an error: an old process that still runs while its successor takes over the id sees this, too, and nothing is wrong there.
    [LoggerMessage(
        2131,
        LogLevel.Warning,
        "The registry lists {Instance} {Difference}: its callers use a registration that is not this application's. Two instances share "
        + "this id, or another client has registered it. This lasts until that registration is removed: give each instance its own "
        + "Mesh:Discovery:Eureka:InstanceId and restart it, or delete the registration at the registry if no other instance has this id. "
        + "This application then registers again.",
        EventName = "InstanceIdTaken")]
    private partial void LogTaken(string instance, string difference);

    [LoggerMessage(
        2127,
        LogLevel.Warning,
        "The registry keeps an older registration of {Instance} with a later time. Registering again with a later one: a clock has gone "
        + "back, or two instances share this id.",
        EventName = "RegistrationOutdated")]
    private partial void LogOutdated(string instance);
}
