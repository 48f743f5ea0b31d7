namespace Mesh.Client;

/// <summary>The mesh refused to send a call, for instance because the circuit breaker of the service is open.</summary>
public sealed class CallRejectedException : MeshException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="service">The service that was called.</param>
    /// <param name="message">Why it was refused, and what to change.</param>
    /// <param name="inner">The cause, if any.</param>
    public CallRejectedException(string service, string message, Exception? inner = null)
        : base(service, message, inner)
    {
    }
}
