namespace Mesh.Client;

/// <summary>The names under which the mesh reports.</summary>
public static class MeshTelemetry
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Mesh.Client";

    /// <summary>The name of the activity source.</summary>
    public const string ActivitySourceName = "Mesh.Client";
}
