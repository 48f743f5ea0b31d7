namespace Mesh.Client.Outbound.Calls;

/// <summary>The verdict of an answer's head about its endpoint, if a body follows.</summary>
/// <remarks>A byte, because the content of each followed body holds one.</remarks>
internal enum HeadVerdict : byte
{
    /// <summary>Final: the endpoint has failed, or the answer does not count against it.</summary>
    Final,

    /// <summary>Good so far: the body decides.</summary>
    Good,

    /// <summary>A refusal. Compared with the answers of the other endpoints once the body is complete: if it were counted earlier, each
    /// head would reset the count of consecutive failures that its broken body adds to.</summary>
    Refused,

    /// <summary>A refusal with a status that counts as a failure if only this endpoint gives it.</summary>
    RefusedListed,

    /// <summary>Overload. Counted at once, so that less is sent; it does not reset consecutive failures. If its body breaks, that is one
    /// more.</summary>
    Overloaded,
}
