using System.Net;
using System.Net.Sockets;

namespace Mesh.Client.FunctionalTests.Servers;

/// <summary>Passes bytes on to a server, until it is told to be silent: the connections that there are then stay open and pass nothing on.
/// Later ones work.</summary>
internal sealed class SilencingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _target;
    private readonly Task _accepting;
    private int _age;
    private int _accepted;

    public SilencingProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>From now on nothing passes over the connections that are open.</summary>
    public void Silence() => Interlocked.Increment(ref _age);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> running = [];
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                Interlocked.Increment(ref _accepted);
                running.Add(ServeAsync(client, Volatile.Read(ref _age)));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task ServeAsync(TcpClient client, int age)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
                client.NoDelay = server.NoDelay = true;
                await Task.WhenAny(PassAsync(client, server, age), PassAsync(server, client, age));
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException)
            {
                // The test is over, or the server has gone.
            }
        }
    }

    private async Task PassAsync(TcpClient from, TcpClient to, int age)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, _stopping.Token) is > 0 and var count)
            {
                if (Volatile.Read(ref _age) == age)
                {
                    await to.GetStream().WriteAsync(buffer.AsMemory(0, count), _stopping.Token);
                }
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException or ObjectDisposedException
            or InvalidOperationException)
        {
            // One side has closed.
        }
    }
}
