using Mesh.Client.Model;

namespace Mesh.Client.Outbound.Transport;

/// <summary>Connections by the runtime's own handler. What it must not do by itself (redirects, cookies, proxies) is switched off: the
/// user's handlers stand above it.</summary>
internal sealed class SocketTransportFactory(
    ModelInForce model, EndpointDialer dialer, SilentAddresses silent, TimeProvider time) : ITransportFactory
{
    public HttpMessageInvoker Create(string service, EndpointDescription endpoint, ServicePolicy policy)
    {
        var connector = new EndpointConnector(dialer, silent, service, endpoint, policy.ConnectTimeout, time);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = connector.Limit,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            // Below the keep-alive of common servers (nginx 75 s, Kestrel 130 s, many load balancers 60 s): we close first, so that no
            // request meets a connection that the server is just closing.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(50),
            EnableMultipleHttp2Connections = true,
            ActivityHeadersPropagator = new AttemptPropagator(() => BaggageFor(service)),
            // Not where the URI says: where the endpoint is, as far as the endpoint policy allows it.
            ConnectCallback = (context, cancellationToken) => connector.ConnectAsync(context.InitialRequestMessage, cancellationToken),
        };

        return new EndpointInvoker(handler, connector.Last);
    }

    // Asked anew each time: it reloads, and the connections stay.
    private BaggageFilter BaggageFor(string service)
    {
        var view = model.Current;
        return view.Context.Baggage.IsEmpty ? view.Context.Baggage : view.BaggageFor(view.PolicyFor(service));
    }
}
