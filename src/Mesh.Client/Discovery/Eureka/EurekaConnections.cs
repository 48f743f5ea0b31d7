using Mesh.Client.DependencyInjection;

namespace Mesh.Client.Discovery.Eureka;

/// <summary>The connections to the registry: apart from those of the mesh, which is built on what the registry says.</summary>
internal static class EurekaConnections
{
    public static SocketsHttpHandler Create(MeshConfiguration configuration) => new()
    {
        SslOptions = new RegistryTrust(configuration).Options,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        // Long enough to keep the connection over many heartbeats, short enough to follow a registry that moves in DNS.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        // A redirect could carry the credentials elsewhere.
        AllowAutoRedirect = false,
        UseCookies = false,
        // The configured proxy only: what the environment names is meant for the way out of the network.
        Proxy = new RegistryProxy(configuration),
        UseProxy = true,
        // Polling belongs to nobody's trace.
        ActivityHeadersPropagator = null,
    };
}
