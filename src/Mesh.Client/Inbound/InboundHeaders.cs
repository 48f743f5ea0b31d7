namespace Mesh.Client.Inbound;

/// <summary>Headers between the mesh's client and server half that the server half reads or writes.</summary>
internal static class InboundHeaders
{
    /// <summary>Request: the calling service and its version. Whoever sends it understands the response headers of the mesh.</summary>
    public const string Caller = "mesh-caller";

    /// <summary>Response: this endpoint is about to leave; send no further calls.</summary>
    public const string Draining = "mesh-draining";
}
