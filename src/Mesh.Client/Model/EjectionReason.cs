namespace Mesh.Client.Model;

/// <summary>Why an endpoint was ejected; the value of <c>reason</c> in <c>mesh.client.ejections</c>.</summary>
internal enum EjectionReason
{
    ConsecutiveFailures,
    ConnectFailures,
    FailureRatio,
    TrialFailed,
    Overloaded,
}
