namespace Mesh.Client;

/// <summary>A call was not sent, because there is no token that it may carry. The exception contains nothing of a token.</summary>
public sealed class TokenException : MeshException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="service">The service that was called.</param>
    /// <param name="reason">Why there is no token.</param>
    /// <param name="message">What happened, and what to change. Never the token.</param>
    /// <param name="inner">The cause, if any.</param>
    public TokenException(string service, TokenFailure reason, string message, Exception? inner = null)
        : base(service, message, inner) => Reason = reason;

    /// <summary>Why there is no token.</summary>
    public TokenFailure Reason { get; }
}
