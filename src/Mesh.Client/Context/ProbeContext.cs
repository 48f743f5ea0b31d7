namespace Mesh.Client.Context;

/// <summary>The context of a health check. It has no deadline of a caller.</summary>
/// <param name="probe">Notes what the check calls.</param>
internal sealed class ProbeContext(ProbeMark probe) : CallContext(clock: null)
{
    public override ProbeMark Probe => probe;
}
