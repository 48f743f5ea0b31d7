using Mesh.Client.Primitives;

namespace Mesh.Client.Context;

/// <summary>A context that the application began inside a request. It has the request's deadline as long as the request has it. A separate
/// class, so that requests do not carry the field.</summary>
internal sealed class InnerContext(MeshClock? clock) : CallContext(clock)
{
    /// <summary>The part of the deadline that the application has set, here or in a context around it.</summary>
    public required MeshTime OwnDeadline { get; init; }

    /// <summary>The part of the deadline that is for whole calls: what the application has set, and that of a request of gRPC.</summary>
    public required MeshTime Whole { get; init; }

    public override MeshTime WholeDeadline => Whole;

    public override bool HasRequestDeadline => Deadline != OwnDeadline;

    public override CallContext WithoutRequestDeadline() => Deadline == OwnDeadline
        ? this
        : new InnerContext(Clock)
        {
            Caller = Caller,
            Deadline = OwnDeadline,
            OwnDeadline = OwnDeadline,
            Whole = OwnDeadline,
            Criticality = Criticality,
            Labels = Labels,
            SaidAttempt = SaidAttempt,
        };
}
