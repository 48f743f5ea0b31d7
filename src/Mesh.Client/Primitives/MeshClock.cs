namespace Mesh.Client.Primitives;

/// <summary>Monotonic time in whole microseconds since this object was made: one subtraction for a latency,
/// no <see cref="TimeSpan"/> on the way.</summary>
internal sealed class MeshClock
{
    /// <summary>The real clock, for objects that belong to no application.</summary>
    public static readonly MeshClock System = new(TimeProvider.System);

    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly double _microsecondsPerTick;
    private Reading? _reading;

    public MeshClock(TimeProvider time)
    {
        _time = time;
        _origin = time.GetTimestamp();
        _microsecondsPerTick = 1_000_000.0 / time.TimestampFrequency;
    }

    public TimeProvider TimeProvider => _time;

    /// <summary>Now, in microseconds.</summary>
    public long Now => (long)((_time.GetTimestamp() - _origin) * _microsecondsPerTick);

    /// <summary>The time of day at a time of this clock, in ticks of <see cref="DateTime"/>, UTC. The system clock is read once a second at
    /// most, since reading it costs more than the rest.</summary>
    /// <param name="now">A present time, in microseconds.</param>
    public long UtcTicksAt(long now)
    {
        // One reference: racing threads see a whole reading.
        var reading = Volatile.Read(ref _reading);
        if (reading is null || now - reading.At >= 1_000_000)
        {
            reading = new Reading(Now, _time.GetUtcNow().UtcTicks);
            Volatile.Write(ref _reading, reading);
        }

        return reading.UtcTicks + ((now - reading.At) * TimeSpan.TicksPerMicrosecond);
    }

    public static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>The same of a limit; <see cref="long.MaxValue"/> for an infinite one.</summary>
    public static long LimitMicros(TimeSpan limit) => limit == Timeout.InfiniteTimeSpan ? long.MaxValue : Micros(limit);

    public static TimeSpan Span(long micros) => new(micros * TimeSpan.TicksPerMicrosecond);

    private sealed record Reading(long At, long UtcTicks);
}
