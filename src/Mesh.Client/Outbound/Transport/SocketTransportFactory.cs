using Mesh.Client.Discovery;
using Mesh.Client.Model;
using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Transport;

/// <summary>Connections by the runtime's own handler. Its redirects, cookies and proxies are switched off: the user's handlers above it
/// decide about those.</summary>
internal sealed class SocketTransportFactory(
    MeshStore store, EndpointDialer dialer, SilentAddresses silent, [OwnClock] TimeProvider time) : ITransportFactory
{
    public HttpMessageInvoker Create(string service, EndpointDescription endpoint, TransportPolicy policy)
    {
        var connector = new EndpointConnector(dialer, silent, service, endpoint, policy.ConnectTimeout, time);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = connector.Limit,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // Below the keep-alive of common servers (nginx 75 s, Kestrel 130 s, many load balancers 60 s): the client closes first, so
            // that no request meets a connection that the server is just closing.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(50),
            EnableMultipleHttp2Connections = true,
            ActivityHeadersPropagator = new AttemptPropagator(() => BaggageFor(service)),
            // Connects to the endpoint, not to the host in the URI, as far as the endpoint policy allows.
            ConnectCallback = (context, cancellationToken) => connector.ConnectAsync(context.InitialRequestMessage, cancellationToken),
        };

        return new EndpointInvoker(handler, connector.Last);
    }

    // Read each time: it reloads, and the connections stay.
    private BaggageFilter BaggageFor(string service)
    {
        var baggage = store.Model.Current.Context.Baggage;
        return baggage.IsEmpty ? baggage : store.Of(service).Baggage;
    }
}
