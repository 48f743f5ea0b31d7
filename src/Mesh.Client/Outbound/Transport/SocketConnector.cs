using System.Net;
using System.Net.Sockets;

namespace Mesh.Client.Outbound.Transport;

/// <summary>Connections over TCP, watched by the operating system, which ends them if the peer has disappeared silently. Nothing else would
/// end a stream that is only read from.</summary>
internal sealed class SocketConnector : IConnector
{
    /// <summary>Seconds of silence until the first keep-alive probe.</summary>
    private const int KeepAliveTime = 15;

    /// <summary>Seconds between two probes.</summary>
    private const int KeepAliveInterval = 5;

    private const int KeepAliveRetries = 3;

    /// <summary>Unacknowledged data ends the connection after this time (RFC 5482; by default Linux tries for a quarter of an hour). As
    /// long as the probes take.</summary>
    private const int UserTimeoutMilliseconds = (KeepAliveTime + (KeepAliveInterval * KeepAliveRetries)) * 1000;

    private const int LinuxTcp = 6;
    private const int LinuxTcpUserTimeout = 18;

    public async ValueTask<Stream> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        if (address.Address.IsIPv4MappedToIPv6)
        {
            // The form in which a server on a dual-stack socket sees its own address (::ffff:10.0.0.5). An IPv6 socket alone does not reach
            // it.
            address = new IPEndPoint(address.Address.MapToIPv4(), address.Port);
        }

        // One socket per address: after a failed connect it cannot be used again.
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
            Watch(socket);

            // The runtime reads it next, for its log: a peer that has reset the connection by then would fail the request without a word
            // about the connection. Once read it is known.
            _ = socket.RemoteEndPoint;
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void Watch(Socket socket)
    {
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveTime);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveInterval);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveRetries);
            if (OperatingSystem.IsLinux())
            {
                socket.SetRawSocketOption(LinuxTcp, LinuxTcpUserTimeout, BitConverter.GetBytes(UserTimeoutMilliseconds));
            }
        }
        catch (Exception exception) when (exception is SocketException or PlatformNotSupportedException)
        {
            // Not every system has all of these options; the connection works without them.
        }
    }
}
