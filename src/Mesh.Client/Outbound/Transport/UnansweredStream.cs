using System.Net;
using System.Net.Sockets;

namespace Mesh.Client.Outbound.Transport;

/// <summary>A connection to one of several addresses of a name. The system accepts connections for a process that hangs: if an address got
/// a request, and has not sent a byte when the connection is abandoned, it is tried after the others next time.</summary>
/// <remarks>Derived from <see cref="NetworkStream"/>, as <see cref="HandshakeStream"/> is.</remarks>
internal sealed class UnansweredStream(Socket socket, IPEndPoint address, SilentAddresses silent, TimeProvider time)
    : NetworkStream(socket, ownsSocket: true)
{
    /// <summary>An impatient caller gives up earlier, which says nothing.</summary>
    public static readonly TimeSpan MinSilence = TimeSpan.FromSeconds(1);

    private readonly long _since = time.GetTimestamp();
    private bool _asked;
    private bool _answered;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _asked = true;
        return base.WriteAsync(buffer, cancellationToken);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _asked = true;
        base.Write(buffer);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _answered ? base.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

    public override int Read(Span<byte> buffer)
    {
        var read = base.Read(buffer);
        _answered |= read > 0;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _asked && !_answered && time.GetElapsedTime(_since) >= MinSilence)
        {
            silent.Add(address);
        }

        base.Dispose(disposing);
    }

    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        _answered |= read > 0;
        return read;
    }
}
