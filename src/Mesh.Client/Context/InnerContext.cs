using Mesh.Client.Telemetry;

namespace Mesh.Client.Context;

/// <summary>A context that the application has begun inside a request: it has the request's deadline for as long as the request has it. A class of its own, so that requests do not pay for the field.</summary>
internal sealed class InnerContext(MeshClock? clock) : CallContext(clock)
{
    /// <summary>The part of the deadline that the application has set, here or in a context around it.</summary>
    public required long OwnDeadline { get; init; }

    public override bool HasRequestDeadline => Deadline != OwnDeadline;

    public override CallContext WithoutRequestDeadline() => Deadline == OwnDeadline
        ? this
        : new InnerContext(Clock)
        {
            Caller = Caller,
            Deadline = OwnDeadline,
            OwnDeadline = OwnDeadline,
            Criticality = Criticality,
            Labels = Labels,
            SaidAttempt = SaidAttempt,
        };
}
