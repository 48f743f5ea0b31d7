using System.Runtime.CompilerServices;

namespace Mesh.Client.Outbound.Calls;

/// <summary>What a request's content writes to: the transport's stream, with a note of what it threw and of how far it has come.</summary>
internal sealed class UploadStream(Stream transport, Upload upload) : Stream
{
    // Written by the flow that writes, read by the attempt when its time is over.
    private volatile Exception? _failure;
    private volatile bool _closed;
    private volatile bool _writing;

    /// <summary>Whether the transport has thrown: what the content throws then is a consequence.</summary>
    public bool HasFailed => _failure is not null;

    /// <summary>What the transport has thrown; null for nothing.</summary>
    public Exception? Failure => _failure;

    /// <summary>Whether the content has closed it while all was well. Over HTTP/1.1 that closes the connection: what fails then is a
    /// consequence.</summary>
    public bool IsClosed => _closed;

    /// <summary>Whether the transport has not yet accepted what it was given last.</summary>
    public bool IsWriting => _writing;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => transport.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _writing = true;
        ValueTask write;
        try
        {
            write = transport.WriteAsync(buffer, cancellationToken);
        }
        catch (Exception exception)
        {
            Fail(exception);
            throw;
        }

        if (!write.IsCompletedSuccessfully)
        {
            return AwaitAsync(write, buffer.Length);
        }

        write.GetAwaiter().GetResult();
        Accepted(buffer.Length);
        return default;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _writing = true;
        try
        {
            transport.Write(buffer);
        }
        catch (Exception exception)
        {
            Fail(exception);
            throw;
        }

        Accepted(buffer.Length);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void WriteByte(byte value) => Write([value]);

    public override IAsyncResult BeginWrite(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(WriteAsync(buffer, offset, count, CancellationToken.None), callback, state);

    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    public override void Flush()
    {
        try
        {
            transport.Flush();
        }
        catch (Exception exception)
        {
            Fail(exception);
            throw;
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Task flush;
        try
        {
            flush = transport.FlushAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            Fail(exception);
            throw;
        }

        return flush.IsCompletedSuccessfully ? flush : AwaitAsync(new ValueTask(flush), 0).AsTask();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        NoteClosed();
        await transport.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            NoteClosed();
            transport.Dispose();
        }

        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AwaitAsync(ValueTask pending, int length)
    {
        try
        {
            await pending.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Fail(exception);
            throw;
        }

        Accepted(length);
    }

    private void Fail(Exception exception)
    {
        // Not by what is written to a stream that its writer has closed.
        if (!_closed)
        {
            _failure = exception;
        }
    }

    private void NoteClosed()
    {
        if (_failure is null)
        {
            _closed = true;
        }
    }

    private void Accepted(int length)
    {
        _writing = false;
        if (length > 0)
        {
            upload.Moved();
        }
    }
}
