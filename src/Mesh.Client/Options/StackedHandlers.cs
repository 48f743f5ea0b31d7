namespace Mesh.Client.Options;

/// <summary>How to treat handlers of a client that do the same work as the mesh.</summary>
public enum StackedHandlers
{
    /// <summary>They stay in effect above the mesh, and a warning describes the consequences.</summary>
    Warn,

    /// <summary>Calls to services of the mesh skip them. Other calls of the same client still use them.</summary>
    Bypass,
}
