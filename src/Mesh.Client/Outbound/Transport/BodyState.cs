namespace Mesh.Client.Outbound.Transport;

/// <summary>How much of the request's body an attempt has sent.</summary>
internal enum BodyState
{
    /// <summary>There is none, or it is not watched: plain memory, which cannot fail.</summary>
    Unwatched,

    /// <summary>None of it has been sent.</summary>
    NotBegun,

    /// <summary>It has been sent in part or as a whole.</summary>
    Begun,
}
