namespace Mesh.Client.Outbound.Calls;

/// <summary>What the head of an answer says of its endpoint, where a body follows it.</summary>
/// <remarks>A byte: the content of each followed body holds one.</remarks>
internal enum HeadVerdict : byte
{
    /// <summary>It has said all: the endpoint has failed, or is not to be charged with the answer.</summary>
    Final,

    /// <summary>It is good so far: the body decides.</summary>
    Good,

    /// <summary>It refuses. Compared with what the others answer when the body has not broken: counted earlier, each head would end the
    /// row of failures that the broken bodies are.</summary>
    Refused,

    /// <summary>The same, with a status that counts as failure where the endpoint is alone with it.</summary>
    RefusedListed,

    /// <summary>There is too much to do. Counted at once, so that less is sent; it ends no row of failures. A body that breaks is one on
    /// top.</summary>
    Overloaded,
}
