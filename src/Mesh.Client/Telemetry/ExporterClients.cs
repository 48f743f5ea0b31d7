using System.Collections.Frozen;

namespace Mesh.Client.Telemetry;

/// <summary>The clients that OpenTelemetry's exporters take from the application's factory.</summary>
/// <remarks>They must not be on the mesh: an export would wait for a registry that does not answer, since the name of a collector could be
/// a service's, and would count among the calls that it reports. The names are documented; those of OTLP hold for HTTP, since gRPC brings
/// clients of its own.</remarks>
internal static class ExporterClients
{
    private static readonly FrozenSet<string> Names = FrozenSet.ToFrozenSet(
        ["OtlpTraceExporter", "OtlpMetricExporter", "OtlpLogExporter", "ZipkinExporter"], StringComparer.Ordinal);

    public static bool Has(string client) => Names.Contains(client);
}
