namespace Mesh.Client.Tests;

/// <summary>A stream that can be read by blocking only: some bytes, then nothing until it is disposed of.</summary>
internal sealed class BlockingStream(int bytes) : Stream
{
    private readonly ManualResetEventSlim _disposed = new();
    private int _left = bytes;

    /// <summary>Set when a read waits for what does not come.</summary>
    public TaskCompletionSource Waits { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether the stream ends after its bytes, instead of going silent.</summary>
    public bool Ends { get; init; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (_left == 0 && !Ends)
        {
            Waits.TrySetResult();
            _disposed.Wait(TestContext.Current.CancellationToken);
            throw new IOException("The stream was closed.");
        }

        var count = Math.Min(buffer.Length, _left);
        _left -= count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        throw new NotSupportedException("An asynchronous read.");

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("An asynchronous read.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _disposed.Set();
        base.Dispose(disposing);
    }
}
