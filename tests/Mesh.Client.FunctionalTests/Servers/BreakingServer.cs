using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mesh.Client.FunctionalTests.Servers;

/// <summary>Answers over HTTP/1.1 with a head and ten bytes of a body, and then ends the connection, or is silent.</summary>
internal sealed class BreakingServer : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly string _end;
    private readonly byte[] _answer;
    private int _answered;

    /// <param name="end"><c>fin</c>, <c>rst</c> or <c>silence</c>.</param>
    /// <param name="length">The length that it announces; null for chunks.</param>
    /// <param name="status">Of the head.</param>
    public BreakingServer(string end, int? length, int status = 200)
    {
        _end = end;
        _answer = Encoding.ASCII.GetBytes($"HTTP/1.1 {status} Status\r\n" + (length is null
            ? "Transfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n"
            : $"Content-Length: {length}\r\n\r\n0123456789"));
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        Url = $"http://127.0.0.1:{((IPEndPoint)_socket.LocalEndPoint!).Port}";
        _socket.Listen();
        _ = AcceptAsync();
    }

    public string Url { get; }

    public int Answered => Volatile.Read(ref _answered);

    public void Dispose()
    {
        _stopping.Cancel();
        _socket.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = AnswerAsync(await _socket.AcceptAsync(_stopping.Token));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task AnswerAsync(Socket connection)
    {
        using (connection)
        {
            try
            {
                var request = new byte[4096];
                await connection.ReceiveAsync(request, _stopping.Token);
                await connection.SendAsync(_answer, _stopping.Token);
                Interlocked.Increment(ref _answered);
                if (_end == "rst")
                {
                    connection.LingerState = new LingerOption(true, 0);
                    return;
                }

                if (_end == "fin")
                {
                    connection.Shutdown(SocketShutdown.Send);
                }

                while (await connection.ReceiveAsync(request, _stopping.Token) > 0)
                {
                }
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // The client has gone, or the server.
            }
        }
    }
}
