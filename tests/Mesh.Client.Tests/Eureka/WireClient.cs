using Mesh.Client.Eureka;
using Mesh.Client.Model;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;

namespace Mesh.Client.Tests.Eureka;

/// <summary>A client of the registry over real connections.</summary>
internal static class WireClient
{
    public static EurekaClient Create(ModelInForce model, TimeProvider time) =>
        new(model, time, new SystemResolver(), new ConnectionRace(new SocketConnector(), new SilentAddresses(time), time));
}
