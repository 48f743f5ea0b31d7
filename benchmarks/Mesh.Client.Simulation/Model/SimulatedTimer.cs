namespace Mesh.Client.Simulation.Model;

/// <summary>A timer of the product, on simulated time.</summary>
internal sealed class SimulatedTimer(SimulatedTime time, TimerCallback callback, object? state) : ITimer
{
    private int _version;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        Schedule(++_version, dueTime, period);
        return true;
    }

    public void Dispose() => _version++;

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    private void Schedule(int version, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        time.After(dueTime.TotalMilliseconds, () =>
        {
            if (version == _version)
            {
                Schedule(version, period, period);
                callback(state);
            }
        });
    }
}
