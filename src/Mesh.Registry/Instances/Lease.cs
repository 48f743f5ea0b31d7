namespace Mesh.Registry.Instances;

/// <summary>
/// The time until which an instance counts as alive without a further heartbeat.
/// Measured on the monotonic clock, so that setting the system clock evicts no instance.
/// </summary>
/// <param name="durationSeconds">Its duration after a heartbeat, seconds.</param>
/// <param name="time">The clock.</param>
/// <param name="doubled">Whether a heartbeat counts as if it came one duration later, as on a Netflix server.</param>
internal sealed class Lease(int durationSeconds, TimeProvider time, bool doubled = false)
{
    private readonly long _startedAt = time.GetTimestamp();

    // Written under the lock of the store and read without it by the listings: each is one 64-bit value, so that a reader never sees half
    // of it.
    private long _renewedAt = time.GetTimestamp();
    private long _ahead;

    public int DurationSeconds { get; } = durationSeconds;

    public TimeSpan Duration => TimeSpan.FromSeconds(DurationSeconds);

    /// <summary>Gets the time since the registration.</summary>
    public TimeSpan Lifetime => time.GetElapsedTime(_startedAt);

    /// <summary>Gets the time since the last heartbeat, or the registration.</summary>
    public TimeSpan Age => time.GetElapsedTime(Volatile.Read(ref _renewedAt));

    /// <summary>Gets the age that answers show: negative after a heartbeat that counts as later.</summary>
    public TimeSpan ShownAge => Age - new TimeSpan(Volatile.Read(ref _ahead));

    public void Renew()
    {
        Volatile.Write(ref _renewedAt, time.GetTimestamp());
        Volatile.Write(ref _ahead, doubled ? Duration.Ticks : 0);
    }

    /// <summary>Whether the lease has expired, allowing for an eviction that is <paramref name="late"/>.</summary>
    public bool IsExpired(TimeSpan late = default) => ShownAge > Duration + late;
}
