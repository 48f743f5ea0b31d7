using System.Runtime.CompilerServices;

namespace Mesh.Client.Outbound.Calls;

/// <summary>The stream that a request's content writes to: the transport's, with a note of its exceptions and of the progress.</summary>
internal sealed class UploadStream(Stream transport, Upload upload) : Stream
{
    // Written by the flow that writes, read by the attempt when its time is over.
    private volatile Exception? _failure;
    private volatile bool _closed;
    private volatile bool _writing;

    /// <summary>Whether the transport has thrown: an exception of the content is then a consequence.</summary>
    public bool HasFailed => _failure is not null;

    /// <summary>The transport's exception; null for none.</summary>
    public Exception? Failure => _failure;

    /// <summary>Whether the content has closed the stream without a failure. Over HTTP/1.1 that closes the connection: a later failure is a
    /// consequence.</summary>
    public bool IsClosed => _closed;

    /// <summary>Whether the transport has not yet accepted the last write.</summary>
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
        // A write to a stream that its writer has closed does not count.
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
