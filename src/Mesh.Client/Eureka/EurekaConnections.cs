using System.Net;
using System.Net.Sockets;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;

namespace Mesh.Client.Eureka;

/// <summary>The connections to the registry. They are separate from those of the mesh, which depends on the registry.</summary>
internal static class EurekaConnections
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <param name="model">Trusted authorities and the proxy.</param>
    /// <param name="resolver">Asks DNS.</param>
    /// <param name="race">Connects to the addresses from DNS: a registry with one name is often several machines, and one of them may be
    /// down.</param>
    public static SocketsHttpHandler Create(ModelInForce model, IHostResolver resolver, ConnectionRace race) => new()
    {
        SslOptions = new RegistryTrust(model).Options,
        ConnectTimeout = ConnectTimeout,
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, resolver, race, cancellationToken),
        // Long enough to keep the connection over many heartbeats, short enough to follow a registry that moves in DNS.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        // A redirect could carry the credentials elsewhere.
        AllowAutoRedirect = false,
        UseCookies = false,
        // The configured proxy only: the proxy of the environment is meant for traffic that leaves the network.
        Proxy = new RegistryProxy(model),
        UseProxy = true,
        // Polling belongs to no trace.
        ActivityHeadersPropagator = null,
    };

    private static async ValueTask<Stream> ConnectAsync(
        DnsEndPoint server, IHostResolver resolver, ConnectionRace race, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(server.Host, out var literal)
            ? [literal]
            : await resolver.ResolveAsync(server.Host, cancellationToken).ConfigureAwait(false);
        return addresses.Length > 0
            ? await race.ConnectAsync(addresses, server.Port, ConnectTimeout, cancellationToken).ConfigureAwait(false)
            : throw new SocketException((int)SocketError.HostNotFound);
    }
}
