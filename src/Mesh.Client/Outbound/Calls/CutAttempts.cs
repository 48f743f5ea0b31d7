using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.OutlierDetection;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The attempts of one call that were cut short by a learned time, on endpoints that answered others meanwhile: probably the
/// request is slow, on all endpoints. The next answer tells whether the attempts count as failures.</summary>
internal sealed class CutAttempts(OutlierDetector outliers)
{
    private readonly List<(Endpoint Endpoint, MeshTime Start, TimeSpan Took)> _attempts = [];

    public void Add(Endpoint endpoint, MeshTime start, TimeSpan took) => _attempts.Add((endpoint, start, took));

    /// <summary>Another attempt was answered. If it was quicker, the others failed.</summary>
    public void Settle(TimeSpan answered)
    {
        foreach (var (endpoint, start, took) in _attempts)
        {
            if (answered >= took)
            {
                continue;
            }

            try
            {
                outliers.OnFailure(endpoint, connectFailure: false, start, trial: false);
            }
            catch (Exception)
            {
                // A listener's failure is not the call's.
            }
        }
    }
}
