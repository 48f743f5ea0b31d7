namespace Mesh.Client.Model;

/// <summary>What an outcome means for retries, breaker, balancer and telemetry.</summary>
internal static class CallOutcomes
{
    public static string Name(this CallOutcome outcome) => outcome switch
    {
        CallOutcome.Ok => "ok",
        CallOutcome.UpstreamError => "upstream_error",
        CallOutcome.NoEndpoint => "no_endpoint",
        CallOutcome.ConnectFailure => "connect_failure",
        CallOutcome.UpstreamReset => "upstream_reset",
        CallOutcome.Timeout => "timeout",
        CallOutcome.Deadline => "deadline",
        CallOutcome.CircuitOpen => "circuit_open",
        CallOutcome.Overloaded => "overloaded",
        CallOutcome.TokenFailure => "token_failure",
        CallOutcome.Canceled => "canceled",
        CallOutcome.LocalError => "local_error",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "Unknown outcome."),
    };

    /// <summary>Whether the endpoint (for an attempt) or the service (for a call) failed. A decision of the caller or of the mesh never
    /// counts.</summary>
    public static bool IsFailure(this CallOutcome outcome) =>
        outcome is CallOutcome.UpstreamError or CallOutcome.ConnectFailure or CallOutcome.UpstreamReset or CallOutcome.Timeout;
}
