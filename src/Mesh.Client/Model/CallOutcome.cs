namespace Mesh.Client.Model;

/// <summary>The outcome of an attempt, and in the end of a call. The value of <c>mesh.outcome</c>.</summary>
internal enum CallOutcome
{
    /// <summary>The service answered, and not with a server error.</summary>
    Ok,

    /// <summary>The service answered 5xx.</summary>
    UpstreamError,

    /// <summary>There was no endpoint to send to.</summary>
    NoEndpoint,

    /// <summary>No connection: nothing was sent.</summary>
    ConnectFailure,

    /// <summary>The connection broke before the answer was complete.</summary>
    UpstreamReset,

    /// <summary>No answer within the time of the policy.</summary>
    Timeout,

    /// <summary>The caller's own deadline was spent.</summary>
    Deadline,

    /// <summary>The circuit breaker of the service is open.</summary>
    CircuitOpen,

    /// <summary>The endpoint reported overload (429, or 503 with <c>mesh-overloaded</c>).</summary>
    Overloaded,

    /// <summary>There was no token that the call may carry: nothing was sent.</summary>
    TokenFailure,

    /// <summary>The caller gave up.</summary>
    Canceled,

    /// <summary>The request itself could not be sent, for instance because its body cannot be read.</summary>
    LocalError,
}
