using System.Net;

namespace Mesh.Client.Transport;

/// <summary>Opens a connection to one address. Replaced where a test decides who answers.</summary>
internal interface IConnector
{
    /// <exception cref="System.Net.Sockets.SocketException">There is none.</exception>
    ValueTask<Stream> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken);
}
