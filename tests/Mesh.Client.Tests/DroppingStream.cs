using System.Threading.Channels;

namespace Mesh.Client.Tests;

/// <summary>A body of letters that comes byte by byte, each when the test says so.</summary>
internal sealed class DroppingStream : Stream
{
    private readonly Channel<TaskCompletionSource<byte>> _reads = Channel.CreateUnbounded<TaskCompletionSource<byte>>();

    public int Given { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Until somebody waits for the next byte.</summary>
    public Task AskedAsync(CancellationToken token) => _reads.Reader.WaitToReadAsync(token).AsTask();

    public void Give()
    {
        Assert.True(_reads.Reader.TryRead(out var read));
        read.SetResult((byte)('a' + (Given++ % 26)));
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = new TaskCompletionSource<byte>(TaskCreationOptions.RunContinuationsAsynchronously);
        Assert.True(_reads.Writer.TryWrite(read));
        var letter = await read.Task.WaitAsync(cancellationToken);
        buffer.Span[0] = letter;
        return 1;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
