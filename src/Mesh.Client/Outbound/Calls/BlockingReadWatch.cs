using Mesh.Client.Primitives;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Ends a blocking read that gets no byte for too long. Such a read takes no token, so
/// the stream below it is disposed of.</summary>
/// <remarks>The read itself stays synchronous down to the socket: one that waits on an asynchronous read needs a second thread of the pool,
/// and a pool that is full has none.</remarks>
internal sealed class BlockingReadWatch(TimeProvider time, TimeSpan limit, Stream stream) : IDisposable
{
    private ITimer? _timer;
    private volatile bool _fired;
    private volatile bool _closed;

    /// <summary>Whether the stream was ended by this.</summary>
    public bool Fired => _fired;

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

    /// <summary>Ends the read that is under way, and those to come.</summary>
    public void Close()
    {
        _closed = true;
        stream.Dispose();
    }

    public void Dispose() => _timer?.Dispose();

    private int ReadOn(Span<byte> buffer)
    {
        var count = stream.Read(buffer);

        // One that was disposed of between two reads says that it has ended.
        ObjectDisposedException.ThrowIf(count == 0 && _closed, stream);
        return count;
    }

    private void Set(TimeSpan due)
    {
        if (_timer is null)
        {
            // Not with the caller's context: it would live as long as the body.
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
