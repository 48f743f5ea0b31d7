using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Client.FunctionalTests.Security;

/// <summary>A bare socket that listens: counts connections, keeps every byte, and answers each HTTP/1.1 request with an empty 200. It
/// closes the connection where the request asks for that.</summary>
internal sealed class SocketRecorder : IDisposable
{
    private static readonly byte[] Answer = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    private static readonly byte[] LastAnswer = Encoding.ASCII.GetBytes(
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

    private readonly Socket _socket;
    private readonly ConcurrentQueue<string> _requests = new();
    private int _accepted;
    private long _bytes;

    public SocketRecorder(IPAddress address, int port = 0)
    {
        _socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _socket.Bind(new IPEndPoint(address, port));
        _socket.Listen();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    public int Accepted => Volatile.Read(ref _accepted);

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The heads of the requests, byte for byte (Latin-1).</summary>
    public ConcurrentQueue<string> Requests => _requests;

    public void Dispose() => _socket.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = await _socket.AcceptAsync();
                Interlocked.Increment(ref _accepted);
                _ = ServeAsync(connection);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        using (connection)
        {
            var buffer = new byte[16 * 1024];
            var head = new StringBuilder();
            try
            {
                while (await connection.ReceiveAsync(buffer) is var read and > 0)
                {
                    Interlocked.Add(ref _bytes, read);
                    head.Append(Encoding.Latin1.GetString(buffer, 0, read));
                    if (head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
                    {
                        _requests.Enqueue(head.ToString());
                        if (head.ToString().Contains("Connection: close", StringComparison.Ordinal))
                        {
                            await connection.SendAsync(LastAnswer);
                            return;
                        }

                        head.Clear();
                        await connection.SendAsync(Answer);
                    }
                }
            }
            catch (SocketException)
            {
                // The client has gone.
            }
        }
    }
}
