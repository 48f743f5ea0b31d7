using Mesh.Client.Outbound.Endpoints;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Tests;

/// <summary>Endpoints outside of any service.</summary>
internal static class TestEndpoint
{
    public static Endpoint At(string address) => At(address, 0);

    public static Endpoint At(string address, long now)
    {
        var description = TestSource.Endpoint(address);
        return new Endpoint(
            description,
            new EndpointTransport(
                description,
                new TransportSettings(HostHeader.Auto, TlsName: null, _ => throw new InvalidOperationException("No network here."))),
            now);
    }

    public static Endpoint[] Many(int count, long now = 0) =>
        [.. Enumerable.Range(1, count).Select(i => At($"http://10.0.{i / 250}.{i % 250}", now))];
}
