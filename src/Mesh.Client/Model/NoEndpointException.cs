namespace Mesh.Client;

/// <summary>The service has no endpoint that the call could be sent to.</summary>
public sealed class NoEndpointException : MeshException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="service">The service that was called.</param>
    /// <param name="message">What happened, and what to change.</param>
    /// <param name="inner">The cause, if any.</param>
    public NoEndpointException(string service, string message, Exception? inner = null)
        : base(service, message, inner, HttpRequestError.NameResolutionError)
    {
    }
}
