using Mesh.Client.Telemetry;

namespace Mesh.Client.Calls;

/// <summary>Reads a response body, watching for silence and for the end.</summary>
internal sealed class StreamedBody(Stream inner, StreamedContent content, TimeProvider time, TimeSpan idleTimeout, Lease lease) : Stream
{
    private readonly long _idleMicros = idleTimeout == Timeout.InfiniteTimeSpan ? long.MaxValue : MeshClock.Micros(idleTimeout);

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var silence = AttemptCancellation.Rent(time, _idleMicros, cancellationToken);
        try
        {
            var count = await inner.ReadAsync(buffer, silence.Token).ConfigureAwait(false);
            if (count == 0 && buffer.Length > 0)
            {
                content.End(broken: false);
            }

            return count;
        }
        catch (OperationCanceledException exception) when (silence.IsCancelled && !cancellationToken.IsCancellationRequested)
        {
            content.End(broken: true);
            throw new IOException(
                $"No byte of the response body came from {lease.Endpoint.Name} for {idleTimeout.TotalSeconds:0.###} s (BodyIdleTimeout). Raise Mesh:Services:{lease.ServiceName}:BodyIdleTimeout if this service pauses that long.",
                new TimeoutException(exception.Message, exception));
        }
        catch (Exception exception)
        {
            content.End(broken: exception is not OperationCanceledException);
            throw;
        }
        finally
        {
            silence.Return();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer)
    {
        var rented = System.Buffers.ArrayPool<byte>.Shared.Rent(buffer.Length);
        try
        {
            var count = Read(rented, 0, buffer.Length);
            rented.AsSpan(0, count).CopyTo(buffer);
            return count;
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(rented);
        }
    }

    // A blocking read cannot be cancelled by a clock: it waits on the asynchronous one, which can.
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            content.End(broken: false);
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
