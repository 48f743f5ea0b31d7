using System.Net;

namespace Mesh.Client.Outbound.Transport;

/// <summary>Opens a connection to one address. Replaced in tests.</summary>
internal interface IConnector
{
    /// <exception cref="System.Net.Sockets.SocketException">The connection failed.</exception>
    ValueTask<Stream> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken);
}
