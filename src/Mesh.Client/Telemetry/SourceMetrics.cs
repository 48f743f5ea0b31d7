using System.Diagnostics.Metrics;

namespace Mesh.Client.Telemetry;

/// <summary>The instruments of the sources: what they say, and what of it is refused.</summary>
internal sealed class SourceMetrics
{
    private readonly Counter<long> _updates;
    private readonly UpDownCounter<int> _refused;

    public SourceMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeshTelemetry.MeterName);
        _updates = meter.CreateCounter<long>(
            "mesh.source.updates", "{update}", "What sources say about services, by source and result.");
        _refused = meter.CreateUpDownCounter<int>(
            "mesh.source.refused", "{subject}", "Subjects about which the last update of a source was refused.");
    }

    public void Updated(string source, bool accepted) => _updates.Add(
        1,
        new KeyValuePair<string, object?>(MeshTags.Source, source),
        new KeyValuePair<string, object?>(MeshTags.Result, accepted ? Results.Accepted : Results.Rejected));

    public void Refused(string source, int change) => _refused.Add(change, new KeyValuePair<string, object?>(MeshTags.Source, source));
}
