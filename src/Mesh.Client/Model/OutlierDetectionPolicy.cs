namespace Mesh.Client.Model;

/// <summary>The outlier detection settings in force for a service.</summary>
internal sealed record OutlierDetectionPolicy(
    bool Enabled,
    int ConsecutiveFailures,
    int ConsecutiveConnectFailures,
    double FailureRatio,
    TimeSpan BaseEjectionTime,
    TimeSpan MaxEjectionTime,
    double MaxEjectedRatio,
    double PanicThreshold,
    FailureStatuses Statuses,
    ProbePolicy? Probe = null)
{
    public static readonly TimeSpan DefaultBaseEjectionTime = TimeSpan.FromSeconds(0.5);

    public static readonly TimeSpan DefaultMaxEjectionTime = TimeSpan.FromSeconds(30);
}
