namespace Mesh.Client.Primitives;

/// <summary>Monotonic time since this object was made, in whole microseconds: see <see cref="MeshTime"/>.</summary>
internal sealed class MeshClock
{
    /// <summary>The real clock, for objects that belong to no application.</summary>
    public static readonly MeshClock System = new(TimeProvider.System);

    private static readonly TimeSpan MaxReadingAge = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly double _microsecondsPerTick;
    private Reading? _reading;

    public MeshClock([OwnClock] TimeProvider time)
    {
        _time = time;
        _origin = time.GetTimestamp();
        _microsecondsPerTick = 1_000_000.0 / time.TimestampFrequency;
    }

    public TimeProvider TimeProvider => _time;

    public MeshTime Now => new((long)((_time.GetTimestamp() - _origin) * _microsecondsPerTick));

    /// <summary>The time of day at a time of this clock, in ticks of <see cref="DateTime"/>, UTC. The system clock is read once a second at
    /// most, since reading it costs more than the rest.</summary>
    /// <param name="now">A present time.</param>
    public long UtcTicksAt(MeshTime now)
    {
        // One reference: racing threads see a whole reading.
        var reading = Volatile.Read(ref _reading);
        if (reading is null || now - reading.At >= MaxReadingAge)
        {
            reading = new Reading(Now, _time.GetUtcNow().UtcTicks);
            Volatile.Write(ref _reading, reading);
        }

        return reading.UtcTicks + (now - reading.At).Ticks;
    }

    private sealed record Reading(MeshTime At, long UtcTicks);
}
