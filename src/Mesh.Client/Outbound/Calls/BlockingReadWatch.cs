using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Ends a blocking read that gets no byte for too long. Such a read takes no token, so its connection or stream is
/// ended.</summary>
/// <remarks>The read itself stays synchronous down to the socket: waiting for an asynchronous read needs a second thread of the pool, and a
/// full pool has none.</remarks>
/// <param name="time">The clock.</param>
/// <param name="limit">How long a read may wait.</param>
/// <param name="stream">The stream to read.</param>
/// <param name="version">The version of the answer.</param>
internal sealed class BlockingReadWatch(TimeProvider time, TimeSpan limit, Stream stream, Version version) : IDisposable
{
    // Exchanged by the reader, and read behind a barrier by Close: either the reader sees that it is closed, or Close sees the reader.
    private int _reading;
    private ITimer? _timer;
    private volatile bool _fired;
    private volatile bool _closed;

    /// <summary>Whether this has ended the stream.</summary>
    public bool Fired => _fired;

    public bool IsReading => Volatile.Read(ref _reading) != 0;

    public int Read(Span<byte> buffer)
    {
        if (limit == Timeout.InfiniteTimeSpan)
        {
            return ReadOn(buffer);
        }

        Set(limit);
        try
        {
            return ReadOn(buffer);
        }
        finally
        {
            Set(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Ends the read under way, and those to come.</summary>
    public void Close()
    {
        _closed = true;
        Interlocked.MemoryBarrier();
        if (IsReading)
        {
            BlockedConnection.End(stream, version);
        }

        stream.Dispose();
    }

    public void Dispose() => _timer?.Dispose();

    private int ReadOn(Span<byte> buffer)
    {
        Interlocked.Exchange(ref _reading, 1);
        try
        {
            ThrowIfClosed();
            var count = stream.Read(buffer);

            // Even if it returned bytes: some before them may have been discarded. And a disposed stream reports its end.
            ThrowIfClosed();
            return count;
        }
        finally
        {
            Volatile.Write(ref _reading, 0);
        }
    }

    private void ThrowIfClosed()
    {
        if (_closed)
        {
            throw new IOException("The connection or stream was closed during a blocking read.");
        }
    }

    private void Set(TimeSpan due)
    {
        if (_timer is null)
        {
            // Without the caller's context, which would live as long as the body.
            _timer = time.CreateUnboundTimer(
                static state => ((BlockingReadWatch)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void Fire()
    {
        _fired = true;
        Close();
    }
}
