namespace Mesh.Client;

/// <summary>What the mesh measures beyond the defaults.</summary>
public sealed class TelemetryOptions
{
    /// <summary>Whether metrics carry the endpoint (<c>mesh.endpoint</c>).</summary>
    /// <value>Default false: one time series per endpoint can be many.</value>
    public bool PerEndpointTags { get; set; }

    /// <summary>Whether each call to a service, and each request to this server, is logged with one line.</summary>
    /// <value>Default false. The lines have category <c>Mesh.Client.Access</c> and level Information.</value>
    /// <remarks>Of an address only the path is written, never its query. Paths that hold secrets or personal data would be in the log.</remarks>
    public bool AccessLog { get; set; }
}
