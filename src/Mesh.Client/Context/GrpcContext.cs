using Mesh.Client.Primitives;

namespace Mesh.Client.Context;

/// <summary>The context of a gRPC request: its deadline covers the whole call. A separate class, so that no other request carries a field
/// for it.</summary>
internal sealed class GrpcContext(MeshClock? clock, bool trusted) : CallContext(clock)
{
    public override MeshTime WholeDeadline => Deadline;

    public override bool IsDeadlineTrusted => trusted;
}
