using System.Net.Sockets;

namespace Mesh.Client.Outbound.Transport;

/// <summary>Opens the connections of one endpoint within ConnectTimeout, as <see cref="ConnectProgress"/> counts it: first the connection,
/// then the server's first bytes of TLS.</summary>
internal sealed class EndpointConnector(
    EndpointDialer dialer, SilentAddresses silent, string service, EndpointDescription endpoint, TimeSpan timeout, TimeProvider time)
{
    /// <summary>The longest that a connection may take, even if others make progress. Plain <see cref="HttpClient"/> has no limit; here it
    /// would block the requests that wait for it.</summary>
    private static readonly TimeSpan MinLimit = TimeSpan.FromSeconds(30);

    private readonly ConnectProgress _connections = new(timeout, time);
    private readonly ConnectProgress? _handshakes = endpoint.IsSecure ? new(timeout, time) : null;

    /// <summary>The result of the last connection, for requests that wait for one.</summary>
    public LastConnection Last { get; } = new(endpoint.IsSecure);

    public TimeSpan Limit => timeout > MinLimit / 2 ? timeout * 2 : MinLimit;

    /// <param name="request">The request that the connection is opened for.</param>
    /// <param name="cancellationToken">The runtime's own limits.</param>
    public async ValueTask<Stream> ConnectAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Last.ThrowIfFailed(request);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var wait = _connections.Begin(() => Cancel(over));
        try
        {
            var stream = await dialer.ConnectAsync(service, endpoint, timeout, over.Token).ConfigureAwait(false);
            wait.Pass();
            if (_handshakes is not null && stream is NetworkStream network)
            {
                return new HandshakeStream(network.Socket, _handshakes, Last, silent);
            }

            Last.Opened(stream);
            return stream;
        }
        catch (OperationCanceledException) when (wait.IsGivenUp && !cancellationToken.IsCancellationRequested)
        {
            throw Last.Failed(new ConnectTimeoutException());
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Last.Failed(exception);
            throw;
        }
    }

    private static void Cancel(CancellationTokenSource over)
    {
        try
        {
            over.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The connection came through at the same moment.
        }
    }
}
