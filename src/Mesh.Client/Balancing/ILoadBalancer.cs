namespace Mesh.Client;

/// <summary>Chooses one of the endpoints that may be used now: the policy of one service.</summary>
/// <remarks>
/// Called for every attempt, on the caller's thread and on all threads at once: it must not wait, and should not allocate. Who is asked has passed everything else: endpoints that are
/// ejected, draining, or were tried by this call are not among the candidates while there are others.
/// </remarks>
public interface ILoadBalancer
{
    /// <summary>Chooses.</summary>
    /// <param name="candidates">One or more, in no particular order. The number and the order may be others each time.</param>
    /// <returns>The place of the chosen one among the candidates, from 0. Any other number, and an exception, is logged, and one of them is taken at random.</returns>
    int Pick(in EndpointCandidates candidates);

    /// <summary>Told when an attempt has come to its response headers, or has failed. Does nothing unless implemented.</summary>
    /// <param name="endpoint">Where it went. Not always where <see cref="Pick"/> sent it: endpoints that come back after an ejection get a request without being asked for.</param>
    /// <param name="attempt">How it went.</param>
    void Completed(EndpointCandidate endpoint, in CompletedAttempt attempt)
    {
    }
}
