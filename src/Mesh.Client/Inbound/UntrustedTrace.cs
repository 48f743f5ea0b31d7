using System.Diagnostics;

namespace Mesh.Client.Inbound;

/// <summary>The trace that an untrusted caller sent with its request. A feature of the request.</summary>
/// <param name="Parent">The header <c>traceparent</c>.</param>
/// <param name="State">The header <c>tracestate</c>, or null.</param>
internal sealed record UntrustedTrace(string Parent, string? State)
{
    /// <summary>Links the request's own trace to it, so that an operator can follow the link.</summary>
    public void LinkFrom(Activity? activity)
    {
        if (activity is not null && ActivityContext.TryParse(Parent, State, isRemote: true, out var caller))
        {
            activity.AddLink(new ActivityLink(caller));
        }
    }
}
