using System.Net;
using System.Net.Sockets;

namespace Mesh.Client.FunctionalTests.Servers;

/// <summary>An address where packets seem to vanish: its queue of connections is full, so that Linux
/// drops each further request for one.</summary>
internal sealed class SilentListener : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _filling = [];

    private SilentListener()
    {
    }

    /// <param name="address">One of 127.0.0.0/8.</param>
    /// <param name="port">The port that another address of the same name has.</param>
    public static async Task<SilentListener> StartAsync(string address, int port)
    {
        var silent = new SilentListener();
        var endPoint = new IPEndPoint(IPAddress.Parse(address), port);
        silent._listener.Bind(endPoint);
        silent._listener.Listen(0);
        for (var i = 0; i < 20; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            silent._filling.Add(socket);
            using var moment = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            try
            {
                await socket.ConnectAsync(endPoint, moment.Token);
            }
            catch (OperationCanceledException)
            {
                return silent;
            }
        }

        throw new InvalidOperationException("The queue of the listener takes connections without end.");
    }

    public ValueTask DisposeAsync()
    {
        _filling.ForEach(socket => socket.Dispose());
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }
}
