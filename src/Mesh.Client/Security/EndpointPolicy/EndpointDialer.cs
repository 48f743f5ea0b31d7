using System.Net;
using System.Net.Sockets;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Security;

/// <summary>Opens the connections of endpoints. What a source named is resolved and judged here, and exactly the judged address is connected to: between
/// the check and the connection DNS is not asked again, so that its answer cannot change in between (DNS rebinding).</summary>
internal sealed class EndpointDialer(EndpointGuard guard, IHostResolver resolver, MeshMetrics metrics)
{
    /// <exception cref="HttpRequestException">Every address of the endpoint is refused; nothing was sent to any.</exception>
    /// <exception cref="SocketException">No address that is allowed answers. The message names service and endpoint: the runtime's own knows only the name that was called.</exception>
    public async ValueTask<Stream> ConnectAsync(string service, EndpointDescription endpoint, CancellationToken cancellationToken)
    {
        var host = endpoint.GivenAddress?.IdnHost ?? endpoint.Host;
        var port = endpoint.Port;
        if (endpoint.Origin == EndpointOrigin.Configuration)
        {
            // The operator's own: the runtime resolves it and tries what it finds.
            EndPoint target = IPAddress.TryParse(host, out var own) ? new IPEndPoint(own, port) : new DnsEndPoint(host, port);
            try
            {
                return await OpenAsync(new Socket(SocketType.Stream, ProtocolType.Tcp), target, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException exception)
            {
                throw Unreachable(service, endpoint, exception);
            }
        }

        IPAddress[] addresses;
        try
        {
            addresses = IPAddress.TryParse(host, out var literal) ? [literal] : await resolver.ResolveAsync(host, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            throw Unreachable(service, endpoint, exception);
        }

        EndpointRefusal? refusal = null;
        SocketException? failure = null;
        foreach (var address in addresses)
        {
            if (guard.Check(service, endpoint, address) is { } refused)
            {
                refusal = refused;
                continue;
            }

            try
            {
                // One socket per address: one that failed to connect cannot be used again.
                return await OpenAsync(new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp), new IPEndPoint(address, port), cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (SocketException exception)
            {
                failure = exception;
            }
        }

        if (failure is null && refusal is not null)
        {
            metrics.ConnectionRefused(service);
            throw new HttpRequestException(HttpRequestError.ConnectionError, refusal.Message(service, EndpointGuard.NameOf(endpoint)));
        }

        throw Unreachable(service, endpoint, failure ?? new SocketException((int)SocketError.HostNotFound));
    }

    // The same error with a message of ours: the runtime puts it, and the name that was called, into the exception that callers see.
    private static SocketException Unreachable(string service, EndpointDescription endpoint, SocketException exception) => new(
        (int)exception.SocketErrorCode,
        $"Endpoint {EndpointGuard.NameOf(endpoint)} of service '{service}' cannot be reached: {exception.Message}");

    private static async ValueTask<Stream> OpenAsync(Socket socket, EndPoint target, CancellationToken cancellationToken)
    {
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(target, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
