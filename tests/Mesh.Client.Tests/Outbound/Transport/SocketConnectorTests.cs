using System.Net;
using System.Net.Sockets;
using Mesh.Client.Outbound.Transport;

namespace Mesh.Client.Tests.Outbound.Transport;

public sealed class SocketConnectorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The runtime reads the peer's address after the connection was opened. If that throws, the request fails with an error that
    /// is none of a connection.</summary>
    [Fact]
    public async Task Address_of_a_peer_that_has_reset_the_connection_is_known()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = (IPEndPoint)listener.LocalEndpoint;
        await using var stream = (NetworkStream)await new SocketConnector().ConnectAsync(address, Token);
        using (var accepted = await listener.AcceptSocketAsync(Token))
        {
            accepted.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        await Assert.ThrowsAsync<IOException>(async () => await stream.ReadExactlyAsync(new byte[1], Token));

        Assert.Equal(address, stream.Socket.RemoteEndPoint);
    }
}
