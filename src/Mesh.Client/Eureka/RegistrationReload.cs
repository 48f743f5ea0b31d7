using Mesh.Client.Model;
using Mesh.Client.Options;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Eureka;

/// <summary>Reports what a changed configuration cannot change of the registration before the next start.</summary>
internal sealed partial class RegistrationReload(
    ModelInForce model, RegistrationPlan plan, GuardedLogger<LogCategories.MeshLifecycle> logger)
{
    // Guards the fields below: the first look, at the start, may coincide with a reload.
    private readonly Lock _gate = new();
    private string _reported = string.Empty;

    /// <summary>Called once, where the application could register.</summary>
    /// <param name="atStart">The settings that it started with.</param>
    /// <param name="registered">Whether it has begun to register.</param>
    public void Begin(MeshOptions atStart, bool registered)
    {
        model.OnChange(_ => Follow(atStart, registered));

        // A change since the settings were read raises no signal any more.
        Follow(atStart, registered);
    }

    private void Follow(MeshOptions atStart, bool registered)
    {
        lock (_gate)
        {
            var changed = string.Join(
                ", ", SettingsAtStart.Changed(atStart, model.Current.Options, registered).Select(plan.Written));
            if (changed.Length > 0 && changed != _reported)
            {
                LogNotInForce(changed);
            }

            _reported = changed;
        }
    }

    [LoggerMessage(
        2211,
        LogLevel.Warning,
        "Changed since the application started, and in force for its registration only from the next start on: {Settings}. Until then the "
        + "registry lists it by the settings from before.",
        EventName = "RegistrationSettingsNotInForce")]
    private partial void LogNotInForce(string settings);
}
