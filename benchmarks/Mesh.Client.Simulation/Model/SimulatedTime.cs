namespace Mesh.Client.Simulation.Model;

/// <summary>The clock of a run and what is going to happen in it. Time moves from one event to the
/// next; equal times keep their order.</summary>
internal sealed class SimulatedTime : TimeProvider
{
    private const double NanosecondsPerMillisecond = 1_000_000;

    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly PriorityQueue<Action, Due> _events = new();
    private long _count;

    /// <summary>Milliseconds since the run began.</summary>
    public double Now { get; private set; }

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => (long)(Now * NanosecondsPerMillisecond);

    public override DateTimeOffset GetUtcNow() => Epoch + TimeSpan.FromMilliseconds(Now);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    public void At(double time, Action action) => _events.Enqueue(action, new Due(Math.Max(time, Now), _count++));

    public void After(double milliseconds, Action action) => At(Now + milliseconds, action);

    /// <summary>Lets happen what is due up to a time.</summary>
    public void RunUntil(double end)
    {
        while (_events.TryPeek(out _, out var due) && due.Time <= end)
        {
            Now = due.Time;
            _events.Dequeue()();
        }

        Now = end;
    }

    private readonly record struct Due(double Time, long Order) : IComparable<Due>
    {
        public int CompareTo(Due other) => Time < other.Time ? -1 : Time > other.Time ? 1 : Order.CompareTo(other.Order);
    }
}
