using Mesh.Client;
using Mesh.Client.Telemetry;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Exports telemetry for an application that has not set up an export of its own.</summary>
public static class MeshTelemetryBuilderExtensions
{
    /// <summary>Exports traces, metrics and logs of the whole application by OTLP: those of the mesh, of <see cref="HttpClient"/> and of
    /// the ASP.NET Core server.</summary>
    /// <param name="mesh">The mesh.</param>
    /// <returns>The same builder.</returns>
    /// <remarks>
    /// The target comes from the usual settings of OpenTelemetry, such as <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> (default
    /// <c>http://localhost:4317</c>) and <c>OTEL_EXPORTER_OTLP_PROTOCOL</c> (default <c>grpc</c>), from the environment or the
    /// application's configuration. The resource's service name and version come from <c>Mesh:Service</c>, unless <c>OTEL_SERVICE_NAME</c>
    /// or <c>OTEL_RESOURCE_ATTRIBUTES</c> set them. Calling it twice is the same as calling it once. An application that calls
    /// <c>UseOtlpExporter()</c> or <c>AddOtlpExporter()</c> itself does not need it: <c>AddMesh()</c> has joined its providers. Having both
    /// is an error, since everything would be sent twice.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The application has called <c>UseOtlpExporter()</c> before. If it does so later, or
    /// calls <c>AddOtlpExporter()</c>, it does not start.</exception>
    public static IMeshBuilder ExportTelemetry(this IMeshBuilder mesh)
    {
        ArgumentNullException.ThrowIfNull(mesh);
        OtlpExport.Add(mesh.Services);
        return mesh;
    }
}
