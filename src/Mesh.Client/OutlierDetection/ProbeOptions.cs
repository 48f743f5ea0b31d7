namespace Mesh.Client;

/// <summary>Requests of the mesh's own that find out whether an endpoint answers. Only endpoints that are ejected, or that nobody calls, are asked.</summary>
public sealed class ProbeOptions
{
    /// <summary>The path that a probe gets, such as <c>/health</c>. Any answer that would not be a failure of a call shows that the endpoint is alive.</summary>
    /// <value>Default none: there are no probes, and a call finds out whether an ejected endpoint is back.</value>
    public string? Path { get; set; }

    /// <summary>How long a probe waits for its answer.</summary>
    /// <value>Default 1 s; 1 ms to 24 h.</value>
    public TimeSpan? Timeout { get; set; }

    /// <summary>After this long without an answer to a call an endpoint counts as idle, and is asked this often.</summary>
    /// <value>Default 10 s; 1 s to 24 h, or -1 ms to ask ejected endpoints only.</value>
    public TimeSpan? IdleInterval { get; set; }
}
