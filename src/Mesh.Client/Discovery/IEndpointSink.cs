namespace Mesh.Client;

/// <summary>Takes what a source knows. Safe to call from any thread.</summary>
public interface IEndpointSink
{
    /// <summary>Replaces the endpoints of one service. An empty list means that the service is known and has none.</summary>
    /// <param name="service">The service name; case does not matter.</param>
    /// <param name="endpoints">All its endpoints that may be called.</param>
    void Publish(string service, IReadOnlyList<EndpointDescription> endpoints);

    /// <summary>Says that the first complete answer has been published: calls to names it did not hold need not wait any longer.</summary>
    void Ready();
}
