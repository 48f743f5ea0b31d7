namespace Mesh.Client;

/// <summary>The names under which the mesh publishes traces and metrics.</summary>
/// <remarks><c>AddMesh()</c> adds both to the application's OpenTelemetry providers, if it has any.</remarks>
public static class MeshTelemetry
{
    /// <summary>The name of the activity source of calls.</summary>
    public const string ActivitySourceName = "Mesh.Client";

    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Mesh.Client";
}
