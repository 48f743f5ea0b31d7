namespace Mesh.Client.Discovery;

/// <summary>What an update of a source may say.</summary>
internal interface IUpdateRules
{
    /// <summary>Every mistake of an update, judged alone: what others say about its subject may change at any time.</summary>
    IReadOnlyList<string> Check(MeshUpdate update);
}
