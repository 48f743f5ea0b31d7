namespace Mesh.Client.Primitives;

/// <summary>All headers between the mesh's client and server half.</summary>
internal static class MeshHeaders
{
    /// <summary>The common prefix.</summary>
    public const string Prefix = "mesh-";

    /// <summary>Request: the time left until the caller's deadline, in whole milliseconds.</summary>
    public const string Deadline = "mesh-deadline";

    /// <summary>Request: the calling service and its version. A caller that sends it understands the response headers of the
    /// mesh.</summary>
    public const string Caller = "mesh-caller";

    /// <summary>Request: the number of the attempt, from the second on; or that the caller's retries are exhausted.</summary>
    public const string Attempt = "mesh-attempt";

    /// <summary>Request: how much its answer matters under overload.</summary>
    public const string Criticality = "mesh-criticality";

    /// <summary>Request: the prefix of each label (tenant, lane, …).</summary>
    public const string LabelPrefix = "mesh-label-";

    /// <summary>Response: this endpoint is about to leave, or not ready yet; send no further calls.</summary>
    public const string Draining = "mesh-draining";

    /// <summary>The value of <see cref="Draining"/> before the application is ready; <c>1</c> when it leaves.</summary>
    public const string DrainingStarting = "starting";

    /// <summary>Response: the load of this endpoint.</summary>
    public const string Load = "mesh-load";

    /// <summary>Response, with an error: the caller's own deadline has caused it.</summary>
    public const string Outcome = "mesh-outcome";

    /// <summary>The only value of <see cref="Outcome"/>.</summary>
    public const string DeadlineOutcome = "deadline";

    /// <summary>Response, with 503: the endpoint is overloaded.</summary>
    public const string Overloaded = "mesh-overloaded";
}
