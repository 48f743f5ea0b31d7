using System.Diagnostics;

namespace Mesh.Client.Inbound;

/// <summary>The trace that a stranger says its request is part of. A feature of the request.</summary>
/// <param name="Parent">As the header has it.</param>
/// <param name="State">The vendors' state, or null.</param>
internal sealed record StrangerTrace(string Parent, string? State)
{
    /// <summary>Ties the request's own trace to it, so that an operator who has one finds the other.</summary>
    public void LinkFrom(Activity? activity)
    {
        if (activity is not null && ActivityContext.TryParse(Parent, State, isRemote: true, out var caller))
        {
            activity.AddLink(new ActivityLink(caller));
        }
    }
}
