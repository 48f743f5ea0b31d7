namespace Mesh.Client.Telemetry;

/// <summary>Monotonic time in whole microseconds since this object was made: one subtraction for a latency, no <see cref="TimeSpan"/> on the way.</summary>
internal sealed class MeshClock
{
    /// <summary>The real clock, for what belongs to no application.</summary>
    public static readonly MeshClock System = new(TimeProvider.System);

    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly double _microsecondsPerTick;

    public MeshClock(TimeProvider time)
    {
        _time = time;
        _origin = time.GetTimestamp();
        _microsecondsPerTick = 1_000_000.0 / time.TimestampFrequency;
    }

    public TimeProvider TimeProvider => _time;

    /// <summary>Now, in microseconds.</summary>
    public long Now => (long)((_time.GetTimestamp() - _origin) * _microsecondsPerTick);

    public static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    public static TimeSpan Span(long micros) => new(micros * TimeSpan.TicksPerMicrosecond);
}
