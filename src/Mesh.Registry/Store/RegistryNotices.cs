using Mesh.Registry.Instances;
using Mesh.Registry.Telemetry;

namespace Mesh.Registry.Store;

/// <summary>Logs a state once when it begins, and not for every request or run in it. The lock of the store guards it.</summary>
internal sealed partial class RegistryNotices(RegistrySettings settings, GuardedLogger<RegistryStore> logger)
{
    private bool _full;
    private bool _protected;

    public void Full(RegisteredInstance refused)
    {
        if (!_full)
        {
            // Once until there is room again: clients retry every few seconds.
            _full = true;
            LogFull(logger, refused.App, refused.Id, settings.MaxInstances);
        }
    }

    public void HasRoom() => _full = false;

    public void Protection(LeaseHealth leases)
    {
        if (leases.Protected == _protected)
        {
            return;
        }

        _protected = leases.Protected;
        if (leases.Protected)
        {
            LogProtected(logger, leases.Received, leases.Promised, leases.Threshold);
        }
        else
        {
            LogNoLongerProtected(logger, leases.Received, leases.Promised);
        }
    }
}
