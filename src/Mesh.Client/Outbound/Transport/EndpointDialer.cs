using System.Net;
using System.Net.Sockets;
using Mesh.Client.Primitives;
using Mesh.Client.Security.EndpointRules;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Outbound.Transport;

/// <summary>Opens the connections of endpoints. A host named by a source is resolved and checked here, and connections go to exactly the
/// checked addresses: DNS is not asked again between check and connection, so its answer cannot change in between (DNS
/// rebinding).</summary>
internal sealed class EndpointDialer(EndpointGuard guard, IHostResolver resolver, ConnectionRace race, MeshMetrics metrics)
{
    /// <param name="service">The service.</param>
    /// <param name="endpoint">Its endpoint.</param>
    /// <param name="timeout">The time to connect.</param>
    /// <param name="cancellationToken">Cancelled when that time is over.</param>
    /// <exception cref="HttpRequestException">Every address of the endpoint is refused; nothing was sent.</exception>
    /// <exception cref="SocketException">No allowed address answers. The message names service and endpoint: the runtime's own message only
    /// has the name that was called.</exception>
    public async ValueTask<Stream> ConnectAsync(
        string service, EndpointDescription endpoint, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var host = endpoint.GivenAddress?.IdnHost ?? endpoint.AddressHost;
        try
        {
            var named = IPAddress.TryParse(host, out var literal)
                ? [literal]
                : await resolver.ResolveAsync(host, cancellationToken).ConfigureAwait(false);

            var refusal = guard.Sort(service, endpoint, named, out var allowed);
            if (allowed.Count > 0)
            {
                return await race.ConnectAsync(allowed, endpoint.Port, timeout, cancellationToken).ConfigureAwait(false);
            }

            if (refusal is not null)
            {
                metrics.ConnectionRefused(service);
                throw new HttpRequestException(HttpRequestError.ConnectionError, refusal.Message(service, EndpointGuard.NameOf(endpoint)));
            }

            throw new SocketException((int)SocketError.HostNotFound);
        }
        catch (SocketException exception)
        {
            // The same error with a message of the mesh: the runtime puts it, and the name that was called, into the exception that callers
            // see.
            throw new SocketException(
                (int)exception.SocketErrorCode,
                $"Endpoint {EndpointGuard.NameOf(endpoint)} of service '{service}' cannot be reached: {exception.Message}");
        }
    }
}
