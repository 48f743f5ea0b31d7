namespace Mesh.Registry.Tests;

/// <summary>A clock whose wall time and monotonic time move apart, as when somebody sets the system clock.</summary>
internal sealed class JumpingClock : TimeProvider
{
    public DateTimeOffset WallClock { get; set; } = DateTimeOffset.UnixEpoch.AddYears(50);

    public TimeSpan Monotonic { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => WallClock;

    public override long GetTimestamp() => Monotonic.Ticks;
}
