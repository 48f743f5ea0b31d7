using System.Diagnostics;

namespace Mesh.Client.Telemetry;

/// <summary>The process's source of mesh spans.</summary>
internal static class MeshActivitySource
{
    public static readonly ActivitySource Instance = new(MeshTelemetry.ActivitySourceName);
}
