using System.Diagnostics.Metrics;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Configuration;

/// <summary>The instruments of the configuration: what is in force, what was refused, what lowers security. All are observed.</summary>
internal sealed class ConfigurationMetrics
{
    public ConfigurationMetrics(IMeterFactory meters, MeshConfiguration configuration, SecurityDowngrades lowered)
    {
        var meter = meters.Create(MeshTelemetry.MeterName);
        meter.CreateObservableGauge(
            "mesh.config.generation",
            () => configuration.Model.Current.Generation,
            "{generation}",
            "Generation of the configuration in force.");
        meter.CreateObservableGauge(
            "mesh.config.rejected",
            () => configuration.IsRejected ? 1 : 0,
            null,
            "Whether the last edit of the configuration was refused: 0 no, 1 yes.");
        meter.CreateObservableCounter(
            "mesh.config.reloads", () => Reloads(configuration), "{reload}", "Edits of the configuration, by result.");
        meter.CreateObservableGauge(
            "mesh.security.lowered", () => Lowered(lowered), "{setting}", "Settings in force that lower security.");
    }

    private static Measurement<long>[] Reloads(MeshConfiguration configuration) =>
    [
        new(configuration.Model.Current.Generation - 1, new KeyValuePair<string, object?>(MeshTags.Result, Results.Accepted)),
        new(configuration.Rejections, new KeyValuePair<string, object?>(MeshTags.Result, Results.Rejected)),
    ];

    private static IEnumerable<Measurement<int>> Lowered(SecurityDowngrades lowered) =>
        lowered.Current.Select(static setting => setting.Service is { } service
            ? new Measurement<int>(1, new(MeshTags.Setting, setting.Key), new(MeshTags.Service, service))
            : new Measurement<int>(1, new KeyValuePair<string, object?>(MeshTags.Setting, setting.Key)));
}
