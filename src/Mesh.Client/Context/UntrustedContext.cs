using Mesh.Client.Primitives;

namespace Mesh.Client.Context;

/// <summary>The context of a request with a deadline set by an untrusted caller. A separate class, so that no other request carries a field
/// for it.</summary>
internal sealed class UntrustedContext(MeshClock? clock) : CallContext(clock)
{
    public override bool IsDeadlineTrusted => false;
}
