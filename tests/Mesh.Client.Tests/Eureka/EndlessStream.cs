namespace Mesh.Client.Tests.Eureka;

/// <summary>A body of blanks without end, which may stall after some bytes.</summary>
internal sealed class EndlessStream(TimeProvider time, long stallAfter = long.MaxValue) : Stream
{
    /// <summary>How many bytes were taken.</summary>
    public long Given { get; private set; }

    public override bool CanRead => true;

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
        if (Given >= stallAfter)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
        }

        var length = (int)Math.Min(buffer.Length, stallAfter - Given);
        buffer.Span[..length].Fill((byte)' ');
        Given += length;
        return length;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
