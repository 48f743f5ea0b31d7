namespace Mesh.Client;

/// <summary>A load balancing policy of one service: picks one of the candidates.</summary>
/// <remarks>
/// Called for every attempt, on the caller's thread and on all threads at once: it must not block, and should not allocate. Endpoints that
/// are ejected, draining, or already tried by this call are not among the candidates while there are others.
/// </remarks>
public interface ILoadBalancer
{
    /// <summary>Picks a candidate.</summary>
    /// <param name="candidates">One or more, in no particular order. Number and order may differ each time.</param>
    /// <returns>The index of the picked candidate, from 0. Any other number, or an exception, is
    /// logged, and a random candidate is used.</returns>
    int Pick(in EndpointCandidates candidates);

    /// <summary>Called when an attempt has its response headers, or has failed. The default implementation does nothing.</summary>
    /// <param name="endpoint">The endpoint of the attempt. It may differ from the one that <see cref="Pick"/> returned: an endpoint that
    /// returns after an ejection gets a request without a pick.</param>
    /// <param name="attempt">The result.</param>
    void OnCompleted(EndpointCandidate endpoint, in CompletedAttempt attempt)
    {
    }
}
