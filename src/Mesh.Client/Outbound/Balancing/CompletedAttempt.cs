using Mesh.Client.Primitives;

namespace Mesh.Client;

/// <summary>The result of an attempt, up to the end of its response body.</summary>
public readonly record struct CompletedAttempt
{
    /// <summary>Creates a result of your own, to test a policy.</summary>
    /// <param name="duration">Time from the pick to the response headers, or to the failure.</param>
    /// <param name="succeeded">False after a failure of the endpoint; null if it says nothing about the endpoint.</param>
    public CompletedAttempt(TimeSpan duration, bool? succeeded)
    {
        Duration = duration;
        Succeeded = succeeded;
    }

    internal CompletedAttempt(TimeSpan duration, bool? succeeded, MeshTime now)
    {
        Duration = duration;
        Succeeded = succeeded;
        Now = now;
    }

    /// <summary>Time from the pick to the response headers, or to the failure.</summary>
    public TimeSpan Duration { get; }

    /// <summary>False after a failure of the endpoint: a 5xx, 429, no connection, a broken one (also in the response body), no answer in
    /// time, a gRPC status of failure, or a 4xx that the other endpoints give less often.</summary>
    /// <value>Null if the attempt says nothing about the endpoint: the caller cancelled, or a 4xx cannot be compared yet.</value>
    public bool? Succeeded { get; }

    /// <summary>When it ended.</summary>
    internal MeshTime Now { get; }
}
