namespace Mesh.Registry;

/// <summary>
/// The time until which an instance counts as alive without a further heartbeat.
/// Measured on the monotonic clock, so that setting the system clock evicts nobody.
/// </summary>
internal sealed class Lease(int durationSeconds, TimeProvider time)
{
    // Written under the lock of the store and read without it by the listings: one 64-bit value, so that a reader sees no half of it.
    private long _renewedAt = time.GetTimestamp();

    public int DurationSeconds { get; } = durationSeconds;

    public TimeSpan Age => time.GetElapsedTime(Volatile.Read(ref _renewedAt));

    public bool IsExpired => Age > TimeSpan.FromSeconds(DurationSeconds);

    public void Renew() => Volatile.Write(ref _renewedAt, time.GetTimestamp());
}
