namespace Mesh.Client;

/// <summary>Receives what one source says. Safe to call from any thread.</summary>
public interface IMeshSink
{
    /// <summary>Completes when calls have met something newer than the source can know: a failed connection, an endpoint that leaves, a
    /// name without endpoints. A source that polls then asks sooner, but no more often than every five seconds.</summary>
    /// <remarks>Renewed by each <see cref="BeginRead"/> after it has completed.</remarks>
    Task NewsWanted { get; }

    /// <summary>Completes, after or together with <see cref="NewsWanted"/>, when calls fail for the lack of news: the only endpoint of a
    /// service has ended. A source that polls then asks at once, but no more often than every second.</summary>
    Task NewsNeeded { get; }

    /// <summary>Takes all that the source says about one subject, in place of what it said before.</summary>
    /// <param name="update">A <see cref="ServiceUpdate"/> or a <see cref="DefaultsUpdate"/>. Its lists must not change afterwards; where
    /// nothing has changed, the same objects cost the least.</param>
    /// <returns>Whether it is accepted. If not, what the source said before stays in force, and nothing else changes.</returns>
    MeshUpdateResult Publish(MeshUpdate update);

    /// <summary>Takes the endpoints of a service, and nothing else about it.</summary>
    /// <param name="service">The service name; case does not matter.</param>
    /// <param name="endpoints">All its endpoints that may be called. Empty: it is known and has none.</param>
    /// <returns>As of <see cref="Publish(MeshUpdate)"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="endpoints"/> is null. To take them back, call
    /// <see cref="Withdraw"/>.</exception>
    MeshUpdateResult Publish(string service, IReadOnlyList<EndpointDescription> endpoints)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return Publish(new ServiceUpdate(service) { Endpoints = endpoints });
    }

    /// <summary>Takes back all that the source has said about a service.</summary>
    /// <param name="service">The service name.</param>
    /// <returns>True if the name is forgotten; false if it stays a service: it was called, is configured, or another source names
    /// it.</returns>
    bool Withdraw(string service);

    /// <summary>Reports names that the source has but does not publish, because there are too many. A call to one of them fails: it never
    /// goes to DNS.</summary>
    /// <param name="names">All of them, in lower case. Must not change afterwards.</param>
    void LeaveOut(IReadOnlySet<string> names);

    /// <summary>Signals that the first complete answer has been published: calls to unknown names no longer wait.</summary>
    void Ready();

    /// <summary>The source begins to read. It answers every request for news made before.</summary>
    /// <remarks>For sources that poll. Only one reading at a time.</remarks>
    void BeginRead();

    /// <summary>The reading has ended, and its result is published. Calls that wait for it go on.</summary>
    /// <param name="pause">The time to the next reading, unless it is asked for sooner.</param>
    /// <param name="failure">Why there is no answer, for messages; null for a good one.</param>
    void EndRead(TimeSpan pause, string? failure = null);

    /// <summary>The source reads nothing for now: calls do not wait for it.</summary>
    void StopReading();
}
