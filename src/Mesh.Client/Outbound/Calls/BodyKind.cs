namespace Mesh.Client.Outbound.Calls;

/// <summary>How the mesh handles the body of a response.</summary>
internal enum BodyKind
{
    /// <summary>Nothing: there is none, or it is in memory already.</summary>
    None,

    /// <summary>Reads it within the attempt.</summary>
    Small,

    /// <summary>Follows it while the caller reads.</summary>
    Followed,
}
