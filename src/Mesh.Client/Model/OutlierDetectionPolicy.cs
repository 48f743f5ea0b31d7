using Mesh.Client.Options;

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

    public static OutlierDetectionPolicy Create(OutlierDetectionOptions service, OutlierDetectionOptions defaults) => new(
        service.Enabled ?? defaults.Enabled ?? true,
        service.ConsecutiveFailures ?? defaults.ConsecutiveFailures ?? 5,
        service.ConsecutiveConnectFailures ?? defaults.ConsecutiveConnectFailures ?? 3,
        service.FailureRatio ?? defaults.FailureRatio ?? 0.5,
        service.BaseEjectionTime ?? defaults.BaseEjectionTime ?? DefaultBaseEjectionTime,
        service.MaxEjectionTime ?? defaults.MaxEjectionTime ?? DefaultMaxEjectionTime,
        service.MaxEjectedRatio ?? defaults.MaxEjectedRatio ?? 0.5,
        service.PanicThreshold ?? defaults.PanicThreshold ?? 0.5,
        StatusesOf(service) ?? StatusesOf(defaults) ?? FailureStatuses.Default,
        ProbePolicy.Create(service.Probe, defaults.Probe));

    private static FailureStatuses? StatusesOf(OutlierDetectionOptions options) =>
        options.Statuses is { Count: > 0 } statuses ? FailureStatuses.Of(statuses) : null;
}
