namespace Mesh.Client.Options;

/// <summary>Probes: requests that the mesh itself sends to test an endpoint. Only endpoints that are ejected or get no calls are
/// probed.</summary>
public sealed class ProbeOptions
{
    /// <summary>Path of the <c>GET</c> request of a probe, such as <c>/health</c>. Any answer that would not be a failure of a call shows
    /// that the endpoint is alive.</summary>
    /// <value>Default none: no probes; one call is the trial of an ejected endpoint.</value>
    public string? Path { get; set; }

    /// <summary>Maximum time of a probe.</summary>
    /// <value>Default 1 s; 1 ms to 24 h.</value>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Time without an answer to a call after which an endpoint is probed, and the interval between these probes.</summary>
    /// <value>Default 10 s; 1 s to 24 h, or <c>-00:00:00.001</c> to probe ejected endpoints only.</value>
    public TimeSpan? IdleInterval { get; set; }
}
