namespace Mesh.Client;

/// <summary>What the mesh thinks of an endpoint.</summary>
public enum EndpointVerdict
{
    /// <summary>In rotation.</summary>
    Healthy,

    /// <summary>In rotation, but this process uses others: of a large service it uses a part, and of priority levels the first.</summary>
    Standby,

    /// <summary>Taken out for a while, because it has failed.</summary>
    Ejected,

    /// <summary>It has said that it leaves.</summary>
    Draining,
}
