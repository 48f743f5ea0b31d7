namespace Mesh.Client.Options;

/// <summary>Optional metrics tags and logs.</summary>
public sealed class TelemetryOptions
{
    /// <summary>Whether metrics have the tag <c>mesh.endpoint</c>.</summary>
    /// <value>Default false: one time series per endpoint can be many.</value>
    public bool PerEndpointTags { get; set; }

    /// <summary>Whether each call to a service, and each request to this server, is logged with one line.</summary>
    /// <value>Default false. The lines have category <c>Mesh.Client.Access</c> and level Information.</value>
    /// <remarks>The path is written, the query never. Do not put secrets or personal data into paths.</remarks>
    public bool AccessLog { get; set; }
}
