namespace Mesh.Client.Primitives;

/// <summary>Every header between the mesh's client and server half, once.</summary>
internal static class MeshHeaders
{
    /// <summary>What all of them begin with.</summary>
    public const string Prefix = "mesh-";

    /// <summary>Request: what is left of the caller's time, in whole milliseconds.</summary>
    public const string Deadline = "mesh-deadline";

    /// <summary>Request: the calling service and its version. A caller that sends it
    /// understands the response headers of the mesh.</summary>
    public const string Caller = "mesh-caller";

    /// <summary>Request: the number of the attempt, from the second on; or that the caller's retries are exhausted.</summary>
    public const string Attempt = "mesh-attempt";

    /// <summary>Request: how much it matters that it is answered under overload.</summary>
    public const string Criticality = "mesh-criticality";

    /// <summary>Request: begins the name of each label (tenant, lane, …).</summary>
    public const string LabelPrefix = "mesh-label-";

    /// <summary>Response: this endpoint is about to leave; send no further calls.</summary>
    public const string Draining = "mesh-draining";

    /// <summary>Response: how much this endpoint has to do.</summary>
    public const string Load = "mesh-load";

    /// <summary>Response, with an error: it comes of the caller's own deadline.</summary>
    public const string Outcome = "mesh-outcome";

    /// <summary>The value of <see cref="Outcome"/>.</summary>
    public const string DeadlineOutcome = "deadline";

    /// <summary>Response, with 503: there is too much to do here.</summary>
    public const string Overloaded = "mesh-overloaded";
}
