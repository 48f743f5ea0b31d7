using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Endpoints;

/// <summary>An endpoint's notice that it is about to leave. Few endpoints ever have one.</summary>
/// <param name="since">When it gave notice.</param>
/// <param name="isStarting">Whether it was not ready yet, and does not leave.</param>
internal sealed class DrainNotice(MeshTime since, bool isStarting)
{
    public bool IsStarting => isStarting;

    public MeshTime Since => since;

    /// <summary>When the next trial is due that shows whether it still leaves. Guarded by the service's lock.</summary>
    public MeshTime Trial { get; set; }

    /// <summary>The pause until the trial after that. Guarded by the service's lock.</summary>
    public TimeSpan Pause { get; set; }
}
