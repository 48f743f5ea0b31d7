using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Client.FunctionalTests.Servers;

/// <summary>A port that nobody listens on, and that nobody else gets meanwhile: connecting to it is refused.</summary>
internal sealed class DeadEndpoint : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public DeadEndpoint() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public string Name => $"127.0.0.1:{((IPEndPoint)_socket.LocalEndPoint!).Port}";

    public string Url => "http://" + Name;

    public string SecureUrl => "https://" + Name;

    /// <summary>It comes to life: answers each connection with one plain text and closes it.</summary>
    public void Listen(string answer)
    {
        _socket.Listen();
        _ = AcceptAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {answer.Length}\r\nConnection: "
            + $"close\r\n\r\n{answer}"));
    }

    public void Dispose() => _socket.Dispose();

    private async Task AcceptAsync(byte[] answer)
    {
        try
        {
            while (true)
            {
                using var connection = await _socket.AcceptAsync();
                var request = new byte[4096];
                if (await connection.ReceiveAsync(request) > 0)
                {
                    await connection.SendAsync(answer);
                    connection.Shutdown(SocketShutdown.Send);
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }
}
