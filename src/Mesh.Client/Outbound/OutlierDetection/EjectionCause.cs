using Mesh.Client.Model;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.OutlierDetection;

/// <summary>Why an endpoint is ejected, in the details that an operator needs first: how many attempts failed, and how the last one
/// did.</summary>
internal static class EjectionCause
{
    public static string Of(EndpointHealth health, EjectionReason reason, MeshTime now)
    {
        var (good, bad) = health.Recent(now);
        var what = reason switch
        {
            EjectionReason.ConnectFailures => $"{health.ConsecutiveConnectFailures} connections in a row failed",
            EjectionReason.ConsecutiveFailures => $"{health.ConsecutiveFailures} attempts in a row failed",
            EjectionReason.FailureRatio => $"{bad} of {good + bad} attempts of the last seconds failed",
            EjectionReason.Overloaded => "it mostly reports overload",
            _ => "its trial failed",
        };
        return health.LastFailure is not { } last ? what
            : reason == EjectionReason.TrialFailed ? $"{what} with: {last}"
            : $"{what}, the last one with: {last}";
    }
}
