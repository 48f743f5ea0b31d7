using Mesh.Client.Outbound.Endpoints;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The endpoint that the last redirect of a call has named: the first attempt after it goes there.</summary>
/// <param name="endpoint">The endpoint; null for none.</param>
internal struct NamedEndpoint(Endpoint? endpoint)
{
    // How an attempt there has failed.
    private AttemptResult _failure;

    public Endpoint? Endpoint { get; } = endpoint;

    public readonly bool Is(Endpoint? endpoint) => Endpoint is not null && ReferenceEquals(Endpoint, endpoint);

    /// <summary>An attempt there is to be repeated elsewhere.</summary>
    public void NoteRepeated(in AttemptResult result) => _failure = result;

    /// <summary>Whether a redirect leads back to it, and it has failed since. The failure is then the result: the others would only name it
    /// again.</summary>
    public readonly bool EndsAt(Endpoint? destination, out AttemptResult failure)
    {
        failure = _failure;
        return Is(destination) && failure.Exception is not null;
    }
}
