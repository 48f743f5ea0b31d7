namespace Mesh.Client.Outbound.Calls;

/// <summary>A stream of three parts: the bytes already read, those of a read under way, then the rest.</summary>
/// <param name="inner">The transport's stream.</param>
/// <param name="start">Begins with the bytes received so far; a read under way writes behind them.</param>
/// <param name="filled">The number of bytes received.</param>
/// <param name="pending">The read under way; null for none.</param>
internal sealed class ResumedStream(Stream inner, byte[] start, int filled, Task<int>? pending) : Stream
{
    private int _filled = filled;
    private int _given;
    private volatile Task<int>? _pending = pending;

    /// <summary>Whether a read by the attempt is still under way on the transport's stream.</summary>
    public bool IsReading => _pending is { IsCompleted: false };

    /// <summary>The transport's stream.</summary>
    public Stream Rest => inner;

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_given == _filled && _pending is { } pending)
        {
            if (!pending.IsCompleted)
            {
                // The read itself continues if the caller stops waiting: it ends with the body.
                await pending.WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            Take(await pending.ConfigureAwait(false));
        }

        return _given < _filled ? Give(buffer.Span) : await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer)
    {
        if (_given == _filled && _pending is { } pending)
        {
            Take(pending.GetAwaiter().GetResult());
        }

        return _given < _filled ? Give(buffer) : inner.Read(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Take(int count)
    {
        _pending = null;
        _filled += count;
    }

    private int Give(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _filled - _given);
        start.AsSpan(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }
}
