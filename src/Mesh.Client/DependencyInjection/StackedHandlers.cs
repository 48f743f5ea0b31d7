namespace Mesh.Client;

/// <summary>What becomes of a client's handlers that do the mesh's work a second time.</summary>
public enum StackedHandlers
{
    /// <summary>They work as they always do, above the mesh, and a warning says what follows.</summary>
    Warn,

    /// <summary>Calls to services of the mesh go past them. Other calls of the same client still go through them.</summary>
    Bypass,
}
