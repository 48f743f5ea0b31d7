using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Snippets;

internal static class TelemetrySnippets
{
    public static void Export(WebApplicationBuilder builder)
    {
        // snippet: export-telemetry
        builder.Services.AddMesh();
        builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddHttpClientInstrumentation())
            .WithMetrics(metrics => metrics.AddHttpClientInstrumentation())
            .UseOtlpExporter();
        // end
    }

    public static void ExportAll(WebApplicationBuilder builder)
    {
        // snippet: export-all-telemetry
        builder.Services.AddMesh().ExportTelemetry();
        // end
    }
}
