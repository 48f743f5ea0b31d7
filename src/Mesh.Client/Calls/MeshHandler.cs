namespace Mesh.Client.Calls;

/// <summary>The innermost handler of every client of the factory. It has no state: the factory throws it away every few minutes.</summary>
internal sealed class MeshHandler(CallPipeline pipeline, bool ownPrimary) : DelegatingHandler
{
    public CallPipeline Pipeline { get; } = pipeline;

    /// <summary>Whether the client has a primary handler of the user's that requests must go through.</summary>
    public bool OwnPrimary { get; } = ownPrimary;
}
