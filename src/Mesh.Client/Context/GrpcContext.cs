using Mesh.Client.Primitives;

namespace Mesh.Client.Context;

/// <summary>What came with a request of gRPC, whose deadline is for the whole call. A separate class, so that no request carries a field
/// for it.</summary>
internal sealed class GrpcContext(MeshClock? clock, bool trusted) : CallContext(clock)
{
    public override MeshTime WholeDeadline => Deadline;

    public override bool IsDeadlineTrusted => trusted;
}
