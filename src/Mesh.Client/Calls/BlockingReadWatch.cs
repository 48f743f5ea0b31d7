namespace Mesh.Client.Calls;

/// <summary>Ends a blocking read that gets no byte for too long. Such a read takes no token, so the stream below it is disposed of.</summary>
/// <remarks>The read itself stays synchronous down to the socket: one that waits on an asynchronous read needs a second thread of the pool, and a pool that is full has none.</remarks>
internal sealed class BlockingReadWatch(TimeProvider time, TimeSpan limit, Stream stream) : IDisposable
{
    private ITimer? _timer;
    private volatile bool _fired;

    /// <summary>Whether the stream was ended by this.</summary>
    public bool Fired => _fired;

    public int Read(Span<byte> buffer)
    {
        if (limit == Timeout.InfiniteTimeSpan)
        {
            return stream.Read(buffer);
        }

        Set(limit);
        try
        {
            return stream.Read(buffer);
        }
        finally
        {
            Set(Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Set(TimeSpan due)
    {
        if (_timer is null)
        {
            // Not with the caller's context: it would live as long as the body.
            using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
            {
                _timer = time.CreateTimer(static state => ((BlockingReadWatch)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        _timer.Change(due, Timeout.InfiniteTimeSpan);
    }

    private void Fire()
    {
        _fired = true;
        stream.Dispose();
    }
}
