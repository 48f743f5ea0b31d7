using Mesh.Client.DependencyInjection;
using Mesh.Client.Discovery.Eureka;
using Mesh.Client.Security;
using Mesh.Client.Transport;

namespace Mesh.Client.Tests.Eureka;

/// <summary>A client of the registry over real connections.</summary>
internal static class WireClient
{
    public static EurekaClient Create(MeshConfiguration configuration, TimeProvider time) =>
        new(configuration, time, new SystemResolver(), new ConnectionRace(new SocketConnector(), new SilentAddresses(time), time));
}
