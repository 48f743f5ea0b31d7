using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Client.FunctionalTests.Servers;

/// <summary>Takes requests over HTTP/1.1 and dies with each: the connection ends without a byte of an
/// answer, as that of a killed process does.</summary>
internal sealed class DyingServer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly bool _once;

    /// <param name="once">Whether it is gone after the first request: further connections are refused.</param>
    public DyingServer(bool once)
    {
        _once = once;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Url = $"http://127.0.0.1:{((IPEndPoint)_socket.LocalEndPoint!).Port}";
        _socket.Listen();
        _ = AcceptAsync();
    }

    public string Url { get; }

    /// <summary>The heads of the requests that it took.</summary>
    public ConcurrentQueue<string> Taken { get; } = [];

    public void Dispose() => _socket.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var connection = await _socket.AcceptAsync();
                var request = new byte[4096];
                var length = await connection.ReceiveAsync(request);
                if (_once)
                {
                    _socket.Dispose();
                }

                if (length > 0)
                {
                    Taken.Enqueue(Encoding.ASCII.GetString(request, 0, length));
                    connection.Shutdown(SocketShutdown.Send);

                    // Until the client has closed, too: data that nobody reads would make a reset of the end.
                    while (await connection.ReceiveAsync(request) > 0)
                    {
                    }
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }
}
