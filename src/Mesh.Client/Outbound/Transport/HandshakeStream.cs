using System.Net;
using System.Net.Sockets;

namespace Mesh.Client.Outbound.Transport;

/// <summary>A connection before its TLS handshake. The system accepts connections both for a server that hangs and for one that is busy
/// with the handshakes of others: <see cref="ConnectProgress"/> tells them apart, until the first byte arrives.</summary>
/// <remarks>Derived from <see cref="NetworkStream"/>, since the runtime takes the peer's address for its spans and metrics from
/// one.</remarks>
internal sealed class HandshakeStream : NetworkStream
{
    // Null during construction, and the shortest wait may be over by then.
    private readonly ConnectProgress.Wait? _wait;
    private readonly LastConnection _last;
    private readonly SilentAddresses _silent;
    private readonly IPEndPoint? _address;
    private bool _hasBegun;

    public HandshakeStream(Socket socket, ConnectProgress handshakes, LastConnection last, SilentAddresses silent)
        : base(socket, ownsSocket: true)
    {
        _last = last;
        _silent = silent;
        _address = socket.RemoteEndPoint as IPEndPoint;
        _wait = handshakes.Begin(Dispose, HasHeard);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _hasBegun ? base.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

    public override int Read(Span<byte> buffer)
    {
        if (_hasBegun)
        {
            return base.Read(buffer);
        }

        try
        {
            return Begun(base.Read(buffer));
        }
        catch (Exception exception) when (IsGivenUp(exception))
        {
            throw GivenUp();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _wait?.Dispose();
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return Begun(await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception) when (IsGivenUp(exception))
        {
            throw GivenUp();
        }
    }

    private bool HasHeard()
    {
        try
        {
            return Socket.Available > 0;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    private int Begun(int read)
    {
        if (read > 0)
        {
            _hasBegun = true;
            _wait!.Pass();
            _last.Opened(this);
        }

        return read;
    }

    /// <summary>The name may have another address, which the next connection tries first.</summary>
    private Exception GivenUp()
    {
        if (_address is not null)
        {
            _silent.Add(_address);
        }

        return _last.Failed(new ConnectTimeoutException());
    }

    private bool IsGivenUp(Exception exception) => exception is IOException or ObjectDisposedException && _wait!.IsGivenUp;
}
