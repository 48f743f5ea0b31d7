namespace Mesh.Client.Outbound.Endpoints;

/// <summary>An endpoint's notice that it is about to leave. Few endpoints ever have one.</summary>
/// <param name="since">When it gave notice, microseconds.</param>
internal sealed class DrainNotice(long since)
{
    public long Since => since;

    /// <summary>When the next trial is due that shows whether it still leaves, microseconds. Guarded by the service's lock.</summary>
    public long Trial { get; set; }

    /// <summary>The pause until the trial after that. Guarded by the service's lock.</summary>
    public long Pause { get; set; }
}
