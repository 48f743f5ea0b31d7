using Mesh.Client.Options;

namespace Mesh.Client.Model;

/// <summary>The settings of probes in force for a service.</summary>
/// <param name="Path">Absolute path at the endpoint's host.</param>
/// <param name="Timeout">How long a probe waits.</param>
/// <param name="IdleInterval">How often an endpoint without calls is probed; infinite for never.</param>
internal sealed record ProbePolicy(string Path, TimeSpan Timeout, TimeSpan IdleInterval)
{
    /// <returns>Null when no path is set.</returns>
    public static ProbePolicy? Create(ProbeOptions service, ProbeOptions defaults) =>
        (service.Path ?? defaults.Path) is { Length: > 0 } path
            ? new(
                path,
                service.Timeout ?? defaults.Timeout ?? TimeSpan.FromSeconds(1),
                service.IdleInterval ?? defaults.IdleInterval ?? TimeSpan.FromSeconds(10))
            : null;
}
