using Mesh.Client.Primitives;

namespace Mesh.Client.Context;

/// <summary>A context that the application began inside a request. The deadline of the request applies for as long as the request has one.
/// A separate class, so that requests do not carry the fields.</summary>
internal sealed class InnerContext(MeshClock? clock) : CallContext(clock)
{
    /// <summary>The deadline set by the application, here or in a surrounding context.</summary>
    public required MeshTime OwnDeadline { get; init; }

    /// <summary>The deadline of whole calls: the application's own, and that of a gRPC request.</summary>
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
