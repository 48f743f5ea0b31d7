namespace Mesh.Client;

/// <summary>Receives the endpoints of a source. Safe to call from any thread.</summary>
public interface IEndpointSink
{
    /// <summary>Replaces the endpoints of one service. An empty list means that the service is known and has none.</summary>
    /// <param name="service">The service name; case does not matter.</param>
    /// <param name="endpoints">All its endpoints that may be called.</param>
    void Publish(string service, IReadOnlyList<EndpointDescription> endpoints);

    /// <summary>Signals that the first complete answer has been published: calls to unknown names no longer wait.</summary>
    void Ready();
}
