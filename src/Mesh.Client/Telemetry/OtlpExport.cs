using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Mesh.Client.Telemetry;

/// <summary>Providers and exporter for an application that has none.</summary>
internal static class OtlpExport
{
    private const string Conflict =
        "ExportTelemetry() is for applications that have no exporter, but this one calls UseOtlpExporter(), too. Remove one of the two: "
        + "without "
        + "ExportTelemetry() the traces and metrics of the mesh are exported all the same, since AddMesh() has joined the application's "
        + "providers.";

    public static void Add(IServiceCollection services)
    {
        if (services.Any(static service => service.ServiceType == typeof(Marker)))
        {
            return;
        }

        if (Exporters(services) > 0)
        {
            throw new InvalidOperationException(Conflict);
        }

        services.AddSingleton<Marker>();

        // Before the exporter's own check, which does not know the origin of the second call.
        services.ConfigureOpenTelemetryTracerProvider((_, _) => ThrowIfSecond(services));
        services.ConfigureOpenTelemetryMeterProvider((_, _) => ThrowIfSecond(services));
        services.ConfigureOpenTelemetryLoggerProvider((_, _) => ThrowIfSecond(services));
        services.AddOpenTelemetry()
            .ConfigureResource(static resource => resource
                .AddDetector(static provider => ActivatorUtilities.CreateInstance<MeshResource>(provider))
                .AddEnvironmentVariableDetector())
            .WithTracing(static tracing => tracing.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation())
            .WithMetrics(
                static metrics => metrics.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation()
                    .SetExemplarFilter(ExemplarFilterType.TraceBased))
            .WithLogging(null, static logging => logging.IncludeFormattedMessage = true)
            .UseOtlpExporter();
    }

    private static void ThrowIfSecond(IServiceCollection services)
    {
        if (Exporters(services) > 1)
        {
            throw new InvalidOperationException(Conflict);
        }
    }

    // The exporter's own mark of each call. If a later version renames it, the exporter's own, less helpful error remains; a test would
    // show that.
    private static int Exporters(IServiceCollection services) =>
        services.Count(static service => service.ServiceType.FullName == "OpenTelemetry.Exporter.UseOtlpExporterRegistration");

    private sealed class Marker;
}
