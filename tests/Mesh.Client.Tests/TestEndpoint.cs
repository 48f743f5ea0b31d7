using Mesh.Client.Options;
using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Transport;
using Mesh.Client.Primitives;

namespace Mesh.Client.Tests;

/// <summary>Endpoints outside of any service.</summary>
internal static class TestEndpoint
{
    public static Endpoint At(string address) => At(address, default);

    public static Endpoint At(string address, MeshTime now)
    {
        var description = TestSource.Endpoint(address);
        return new Endpoint(
            description,
            new EndpointTransport(
                description,
                new TransportSettings(HostHeader.Auto, TlsName: null, _ => throw new InvalidOperationException("No network here."))),
            now);
    }

    public static Endpoint[] Many(int count, MeshTime now = default) =>
        [.. Enumerable.Range(1, count).Select(i => At($"http://10.0.{i / 250}.{i % 250}", now))];
}
