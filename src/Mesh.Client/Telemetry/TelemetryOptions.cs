namespace Mesh.Client;

/// <summary>What the mesh measures beyond the defaults.</summary>
public sealed class TelemetryOptions
{
    /// <summary>Whether metrics carry the endpoint (<c>mesh.endpoint</c>).</summary>
    /// <value>Default false: one time series per endpoint can be many.</value>
    public bool PerEndpointTags { get; set; }
}
