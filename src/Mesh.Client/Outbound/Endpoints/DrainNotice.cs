using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Endpoints;

/// <summary>An endpoint's word that it is about to leave. Few endpoints ever have one.</summary>
/// <param name="since">When it said so.</param>
internal sealed class DrainNotice(MeshTime since)
{
    public MeshTime Since => since;

    /// <summary>When it is asked whether it still leaves. Guarded by the service's lock.</summary>
    public MeshTime Trial { get; set; }

    /// <summary>How long after that it is asked again. Guarded by the service's lock.</summary>
    public TimeSpan Pause { get; set; }
}
