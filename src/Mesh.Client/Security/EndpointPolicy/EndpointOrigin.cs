namespace Mesh.Client.Security;

/// <summary>Who named an endpoint. The first is what is believed least, so that forgetting to say it is safe.</summary>
internal enum EndpointOrigin : byte
{
    /// <summary>A source: a registry may be wrong, or in wrong hands.</summary>
    Source,

    /// <summary>A source that is itself reached on loopback: who can answer there is on this machine already.</summary>
    LoopbackSource,

    /// <summary>The application's own configuration.</summary>
    Configuration,
}
