using Mesh.Client.Model;

namespace Mesh.Client.Telemetry;

/// <summary>The cause in two letters: the response flags of Envoy's access log, so that knowledge of a sidecar's log applies
/// here.</summary>
internal static class ResponseFlags
{
    /// <summary>The answer is the service's own.</summary>
    public const string None = "-";
    public const string NoEndpoint = "UH";
    public const string ConnectFailure = "UF";
    public const string Reset = "UR";
    public const string Timeout = "UT";
    public const string Overflow = "UO";
    public const string RetryLimit = "URX";
    public const string DeadlineSpent = "DT";
    public const string CallerGone = "DC";
    public const string LocalReset = "LR";
    public const string Denied = "UAEX";

    /// <summary>The flag of a call; two of them, with a comma, when retries were not enough.</summary>
    public static string Of(in EndedCall ended)
    {
        var flag = Of(ended.Outcome);
        return !(ended.NoMoreRetries && ended.Outcome.IsFailure()) ? flag : flag == None ? RetryLimit : $"{flag},{RetryLimit}";
    }

    public static string Of(CallOutcome outcome) => outcome switch
    {
        CallOutcome.NoEndpoint => NoEndpoint,
        CallOutcome.ConnectFailure => ConnectFailure,
        CallOutcome.UpstreamReset => Reset,
        CallOutcome.Timeout => Timeout,
        CallOutcome.Deadline => DeadlineSpent,
        CallOutcome.CircuitOpen => Overflow,
        CallOutcome.Canceled => CallerGone,
        CallOutcome.TokenFailure => Denied,
        CallOutcome.LocalError => LocalReset,
        // An error status is the service's own answer, even one that reports overload.
        _ => None,
    };
}
