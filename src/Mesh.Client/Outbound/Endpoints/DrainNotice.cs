namespace Mesh.Client.Outbound.Endpoints;

/// <summary>An endpoint's word that it is about to leave. Few endpoints ever have one.</summary>
/// <param name="since">When it said so, microseconds.</param>
internal sealed class DrainNotice(long since)
{
    public long Since => since;

    /// <summary>When it is asked whether it still leaves, microseconds. Guarded by the service's lock.</summary>
    public long Trial { get; set; }

    /// <summary>How long after that it is asked again. Guarded by the service's lock.</summary>
    public long Pause { get; set; }
}
