using Mesh.Client.Primitives;

namespace Mesh.Client.Context;

/// <summary>What came with a request whose deadline is that of an untrusted caller. A separate class, so that no request carries a
/// field for it.</summary>
internal sealed class UntrustedContext(MeshClock? clock) : CallContext(clock)
{
    public override bool IsDeadlineTrusted => false;
}
