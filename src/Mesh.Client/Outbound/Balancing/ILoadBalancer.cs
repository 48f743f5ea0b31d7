namespace Mesh.Client;

/// <summary>A load balancing policy of one service: picks one of the candidates.</summary>
/// <remarks>
/// Called for every attempt, on the caller's thread and on all threads at once: it must not block, and should not allocate. Endpoints
/// that are ejected, draining, or already tried by this call are not among the candidates while there are others.
/// </remarks>
public interface ILoadBalancer
{
    /// <summary>Picks a candidate.</summary>
    /// <param name="candidates">One or more, in no particular order. Number and order may differ each time.</param>
    /// <returns>The index of the picked candidate, from 0. Any other number, or an exception, is
    /// logged, and a random candidate is used.</returns>
    int Pick(in EndpointCandidates candidates);

    /// <summary>Told when an attempt has come to its response headers, or has failed. Does nothing unless implemented.</summary>
    /// <param name="endpoint">Where it went. Not always where <see cref="Pick"/> sent it: endpoints that come back after an ejection get a
    /// request without being asked for.</param>
    /// <param name="attempt">How it went.</param>
    void Completed(EndpointCandidate endpoint, in CompletedAttempt attempt)
    {
    }
}
