namespace Mesh.Client.Primitives;

/// <summary>An instant of a <see cref="MeshClock"/>. What lies between two of them is a <see cref="TimeSpan"/>, see
/// <see cref="Duration"/>.</summary>
/// <param name="Micros">Whole microseconds since the clock was made: for what is packed or summed up, and for nothing else.</param>
internal readonly record struct MeshTime(long Micros) : IComparable<MeshTime>
{
    /// <summary>Half of what fits: a difference of two instants cannot overflow.</summary>
    private const long NeverMicros = long.MaxValue / 2;

    /// <summary>What a <see cref="TimeSpan"/> can hold.</summary>
    private const long MaxMicros = long.MaxValue / TimeSpan.TicksPerMicrosecond;

    /// <summary>So much, at most, one thread may read its clock before another.</summary>
    private const uint MaxAheadMs = 60_000;

    /// <summary>Later than all others, whatever is added or taken: no deadline, or nothing planned.</summary>
    public static MeshTime Never => new(NeverMicros);

    /// <summary>Earlier than all others, whatever is added or taken: it has not happened yet.</summary>
    public static MeshTime LongAgo => new(-NeverMicros);

    public bool IsNever => Micros >= NeverMicros;

    /// <summary>The time in milliseconds, for what is packed with a value into one word. Wraps after 49 days, differences stay right. Never
    /// 0, which marks "no sample yet".</summary>
    public uint Stamp => (uint)(Micros / 1000) | 1u;

    /// <summary>Milliseconds between two <see cref="Stamp">stamps</see>; 0 when another thread's stamp is ahead of ours. That is never by
    /// much: all other differences are time, up to 49 days.</summary>
    public static uint ElapsedMs(uint stamp, uint earlier) =>
        unchecked(stamp - earlier) is var elapsed && elapsed < uint.MaxValue - MaxAheadMs ? elapsed : 0;

    /// <summary>What lies between; <see cref="Duration.NoLimit"/> up to <see cref="Never"/>.</summary>
    public static TimeSpan operator -(MeshTime later, MeshTime earlier)
    {
        var micros = later.Micros - earlier.Micros;
        return micros is >= -MaxMicros and <= MaxMicros ? new TimeSpan(micros * TimeSpan.TicksPerMicrosecond)
            : micros > 0 ? TimeSpan.MaxValue
            : TimeSpan.MinValue;
    }

    /// <summary>Later; <see cref="Never"/> for <see cref="Duration.NoLimit"/>. What is less than a microsecond is cut off.</summary>
    public static MeshTime operator +(MeshTime time, TimeSpan duration) =>
        duration == TimeSpan.MaxValue ? Never : time.Move(duration.WholeMicroseconds());

    /// <summary>Earlier.</summary>
    public static MeshTime operator -(MeshTime time, TimeSpan duration) => time.Move(-duration.WholeMicroseconds());

    public static bool operator <(MeshTime left, MeshTime right) => left.Micros < right.Micros;

    public static bool operator >(MeshTime left, MeshTime right) => left.Micros > right.Micros;

    public static bool operator <=(MeshTime left, MeshTime right) => left.Micros <= right.Micros;

    public static bool operator >=(MeshTime left, MeshTime right) => left.Micros >= right.Micros;

    public static MeshTime Min(MeshTime left, MeshTime right) => new(Math.Min(left.Micros, right.Micros));

    public static MeshTime Max(MeshTime left, MeshTime right) => new(Math.Max(left.Micros, right.Micros));

    /// <summary>Reads a field that other threads write.</summary>
    /// <param name="micros">The field: <see cref="Volatile"/> and <see cref="Interlocked"/> take no structures.</param>
    public static MeshTime Read(ref readonly long micros) => new(Volatile.Read(in micros));

    /// <summary>Writes a field that other threads read.</summary>
    /// <param name="micros">The field.</param>
    /// <param name="time">The time.</param>
    public static void Write(ref long micros, MeshTime time) => Volatile.Write(ref micros, time.Micros);

    public int CompareTo(MeshTime other) => Micros.CompareTo(other.Micros);

    private MeshTime Move(long micros) => Micros is >= NeverMicros or <= -NeverMicros ? this : new(Micros + micros);
}
