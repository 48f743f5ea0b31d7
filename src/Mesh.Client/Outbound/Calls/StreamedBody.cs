using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Reads a response body, watching for silence and for the end.</summary>
internal sealed class StreamedBody(Stream inner, StreamedContent content) : Stream
{
    private readonly TimeSpan _idleLimit = Duration.Limit(content.IdleTimeout);
    private BlockingReadWatch? _watch;

    // The time limit of the asynchronous read under way. Exchanged, and returned by the side that takes it: the read at its end, or the
    // code that ends the reading.
    private AttemptCancellation? _silence;
    private bool _atEnd;

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The exception thrown for the endpoint's failure, to tell it from one of the stream that the body is copied to.</summary>
    public IOException? Failure { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var silence = AttemptCancellation.Rent(content.Time, _idleLimit, cancellationToken, content.IsForeign);
        var count = 0;
        content.BeginRead();
        Volatile.Write(ref _silence, silence);
        try
        {
            count = await inner.ReadAsync(buffer, silence.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (silence.IsCancelled && !cancellationToken.IsCancellationRequested)
        {
            throw content.HasEnded ? Ended(exception) : Silent(exception, silence.IsOverdue);
        }
        catch (Exception exception)
        {
            if (Broken(exception) is { } failure)
            {
                throw failure;
            }

            if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
            {
                // With the caller's token, by which it knows its own cancellation.
                throw new TaskCanceledException(exception.Message, exception, cancellationToken);
            }

            throw;
        }
        finally
        {
            content.EndRead(count);
            if (Interlocked.CompareExchange(ref _silence, null, silence) == silence)
            {
                silence.Return();
            }
        }

        NoteEnd(count, buffer.Length);
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(Span<byte> buffer)
    {
        var watch = _watch ??= new BlockingReadWatch(content.Time, content.IdleTimeout, inner, content.Version);
        var count = 0;
        content.BeginRead();
        try
        {
            count = watch.Read(buffer);
        }
        catch (Exception exception) when (watch.Fired && !content.HasEnded)
        {
            throw Silent(exception, stalled: false);
        }
        catch (Exception exception)
        {
            if (Broken(exception) is { } failure)
            {
                throw failure;
            }

            throw;
        }
        finally
        {
            content.EndRead(count);
        }

        NoteEnd(count, buffer.Length);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(buffer, cancellationToken);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Ends a read under way on another thread, and with it the connection: if the transport only disposes of the body, it reads
    /// the rest to reuse the connection, and the blocked read takes part of the next answer.</summary>
    public void EndReading()
    {
        if (Interlocked.Exchange(ref _silence, null) is { } silence)
        {
            silence.Cancel();
            silence.Return();
        }

        if (_watch is { IsReading: true } watch)
        {
            watch.Close();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            content.Stop();
            EndReading();
            _watch?.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void NoteEnd(int count, int asked)
    {
        if (count > 0 || asked == 0 || _atEnd)
        {
            return;
        }

        // The transport's stream has no more bytes either once it is disposed of: a part must not be taken for the whole.
        if (content.HasEnded && content.Received != content.Length)
        {
            throw Ended(null);
        }

        _atEnd = true;
        content.End(BodyEnd.Complete);
    }

    /// <summary>The exception for a read after the body was ended by something else than its last byte.</summary>
    private IOException Ended(Exception? exception) =>
        Failure ?? new IOException(BodyErrors.Ended(content.Service, content.Endpoint), exception);

    /// <param name="exception">The exception that ended the read.</param>
    /// <param name="stalled">Whether this process did not run when the time was over: then it does not count against the endpoint.</param>
    private IOException Silent(Exception exception, bool stalled)
    {
        content.End(stalled ? BodyEnd.Canceled : BodyEnd.Broken);
        return Failure = new IOException(
            BodyErrors.Silent(content.Service, content.Endpoint, content.IdleTimeout), new TimeoutException(exception.Message, exception));
    }

    /// <summary>Ends the body.</summary>
    /// <returns>The exception to throw instead; null for the original.</returns>
    private IOException? Broken(Exception exception)
    {
        if (content.HasEnded)
        {
            // The caller has disposed of it meanwhile: the exception is a consequence.
            return null;
        }

        content.End(exception is OperationCanceledException or ObjectDisposedException ? BodyEnd.Canceled : BodyEnd.Broken);
        return exception is IOException cause
            ? Failure = BodyErrors.Broken(content.Service, content.Endpoint, content.Received, content.Length, cause)
            : null;
    }
}
