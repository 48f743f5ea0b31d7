using Mesh.Client.Model;

namespace Mesh.Client;

/// <summary>The mesh did not send a call. The message says why, and what to change.</summary>
/// <remarks>A call that was sent and failed ends with the last response or the exception of the transport, as without the mesh;
/// <see cref="AttemptsOf"/> works for these, too.</remarks>
public abstract class MeshException : HttpRequestException
{
    private protected MeshException(
        string service, string message, Exception? inner, HttpRequestError error = HttpRequestError.Unknown)
        : base(error, message, inner) => Service = service;

    /// <summary>The service that was called.</summary>
    public string Service { get; }

    /// <summary>The attempts of the same call that were sent and failed before.</summary>
    /// <value>Nearly always empty.</value>
    public IReadOnlyList<FailedAttempt> Attempts => AttemptsOf(this);

    /// <summary>The failed attempts of a call, from the exception that it ended with, of whatever type.</summary>
    /// <param name="exception">The exception.</param>
    /// <returns>In order; empty where the mesh has added none.</returns>
    public static IReadOnlyList<FailedAttempt> AttemptsOf(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception.Data[FailedAttempts.Key] as FailedAttempts ?? (IReadOnlyList<FailedAttempt>)[];
    }
}
