using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Mesh.Client.FunctionalTests.Servers;

/// <summary>Speaks as much HTTP/2 in the clear as it takes to turn requests away.</summary>
internal sealed class RawHttp2Server : IDisposable
{
    private const byte DataFrame = 0;
    private const byte HeadersFrame = 1;
    private const byte ResetFrame = 3;
    private const byte SettingsFrame = 4;
    private const byte GoAwayFrame = 7;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<int, (byte Frame, byte[] Payload)> _answer;
    private readonly int _turnedAway;
    private readonly Func<Stream, Task>? _dies;
    private readonly bool _takesAll;
    private readonly bool _goes;
    private readonly bool _closes;
    private int _requests;
    private int _taken;

    private RawHttp2Server(
        Func<int, (byte Frame, byte[] Payload)> answer,
        int turnedAway = int.MaxValue,
        Func<Stream, Task>? dies = null,
        bool takesAll = false,
        bool goes = false,
        bool closes = false)
    {
        _closes = closes;
        _goes = goes;
        _takesAll = takesAll;
        _dies = dies;
        _answer = answer;
        _turnedAway = turnedAway;
        _listener.Start();
        Url = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _ = AcceptAsync();
    }

    public string Url { get; }

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>How many came to their end, body and all.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Resets every stream with this error.</summary>
    public static RawHttp2Server Resetting(int error) => new(_ => (ResetFrame, Words(error)));

    /// <summary>Says good-bye to every request.</summary>
    /// <param name="included">Whether the request is among those that it says it may have processed.</param>
    public static RawHttp2Server Leaving(bool included) => new(stream => (GoAwayFrame, Words(included ? stream : 0, 0)));

    /// <summary>Takes each request to its end, then says good-bye with this error, as one that has processed it, and closes.</summary>
    public static RawHttp2Server LeavingAfterAll(int error) => new(stream => (GoAwayFrame, Words(stream, error)), takesAll: true);

    /// <summary>Takes each request to its end, then resets its stream with this error.</summary>
    public static RawHttp2Server ResettingAfterAll(int error) => new(_ => (ResetFrame, Words(error)), takesAll: true);

    /// <summary>Does not listen any more when it says good-bye to its first request, of which it has processed nothing.</summary>
    public static RawHttp2Server Gone() => new(_ => (GoAwayFrame, Words(0, 0)), goes: true);

    /// <summary>Says good-bye to the first requests as if it had not processed them; later it answers one on each connection, and says
    /// good-bye to the rest.</summary>
    public static RawHttp2Server LeavingAtFirst(int count) => new(stream => (GoAwayFrame, Words(0, 0)), count);

    /// <summary>Closes each connection as soon as it is there, as a proxy does whose server is down.</summary>
    public static RawHttp2Server Closing() => new(_ => default, closes: true);

    /// <summary>Ends each connection before it carries a request.</summary>
    /// <param name="how">What it says before: "nothing", "goodbye", "settings and goodbye", or "no streams".</param>
    public static RawHttp2Server Dying(string how) => new(_ => default, dies: async stream =>
    {
        switch (how)
        {
            case "nothing":
                return;
            case "no streams":
                // SETTINGS_MAX_CONCURRENT_STREAMS 0: requests wait for a stream, and the end of the connection is all they get.
                await WriteAsync(stream, SettingsFrame, 0, 0, [0, 3, 0, 0, 0, 0]);
                await stream.ReadAtLeastAsync(new byte[4096], 30);
                await Patience.PassAsync(TimeSpan.FromMilliseconds(100), CancellationToken.None);
                return;
            case "settings and goodbye":
                await WriteAsync(stream, SettingsFrame, 0, 0, []);
                break;
        }

        await WriteAsync(stream, GoAwayFrame, 0, 0, Words(0, 0));
    });

    public void Dispose() => _listener.Dispose();

    private static byte[] Words(params int[] words)
    {
        var bytes = new byte[4 * words.Length];
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(4 * i), words[i]);
        }

        return bytes;
    }

    private static async Task WriteAsync(Stream stream, byte type, byte flags, int id, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        frame[2] = (byte)payload.Length;
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
        payload.CopyTo(frame, 9);
        await stream.WriteAsync(frame);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                if (_closes)
                {
                    return;
                }

                var stream = client.GetStream();
                await stream.ReadExactlyAsync(new byte[24]);
                if (_dies is not null)
                {
                    await _dies(stream);
                    return;
                }

                await WriteAsync(stream, SettingsFrame, 0, 0, []);
                var head = new byte[9];
                var leaves = false;
                while (true)
                {
                    await stream.ReadExactlyAsync(head);
                    await stream.ReadExactlyAsync(new byte[(head[0] << 16) | (head[1] << 8) | head[2]]);
                    if (head[3] == SettingsFrame && head[4] == 0)
                    {
                        await WriteAsync(stream, SettingsFrame, 1, 0, []);
                    }

                    var begins = head[3] == HeadersFrame && !leaves;
                    var ends = head[3] is HeadersFrame or DataFrame && (head[4] & 1) != 0;
                    if (ends)
                    {
                        Interlocked.Increment(ref _taken);
                    }

                    var served = begins && Interlocked.Increment(ref _requests) > _turnedAway;
                    if (_takesAll ? ends : begins)
                    {
                        var id = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5));
                        if (served)
                        {
                            // ":status: 200" of the static table, end of headers and stream.
                            await WriteAsync(stream, HeadersFrame, 5, id, [0x88]);
                            await WriteAsync(stream, GoAwayFrame, 0, 0, Words(id, 0));
                            leaves = true;
                            continue;
                        }

                        if (_goes)
                        {
                            _listener.Stop();
                        }

                        var (frame, payload) = _answer(id);
                        await WriteAsync(stream, frame, 0, frame == GoAwayFrame ? 0 : id, payload);
                        if (frame == GoAwayFrame)
                        {
                            client.Client.Shutdown(SocketShutdown.Send);
                        }
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException or SocketException)
            {
                // The client has gone.
            }
        }
    }
}
