namespace Mesh.Client.Model;

/// <summary>The origin of an endpoint. The first value is the least trusted one, so that a forgotten value is safe.</summary>
internal enum EndpointOrigin : byte
{
    /// <summary>A source: a registry may be wrong, or in the wrong hands.</summary>
    Source,

    /// <summary>A source on loopback: only this machine can answer there.</summary>
    LoopbackSource,

    /// <summary>The application's own configuration.</summary>
    Configuration,
}
