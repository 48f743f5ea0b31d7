namespace Mesh.Registry.Store;

/// <summary>Counts the heartbeats of the last minute, second by second. Not thread-safe: the lock of the store guards it.</summary>
internal sealed class RenewalMeter(TimeProvider time)
{
    private const int Seconds = 60;

    private readonly long _startedAt = time.GetTimestamp();
    private readonly int[] _counts = new int[Seconds];
    private long _second;

    public void Count()
    {
        MoveOn();
        _counts[_second % Seconds]++;
    }

    public int LastMinute()
    {
        MoveOn();
        var sum = 0;
        foreach (var count in _counts)
        {
            sum += count;
        }

        return sum;
    }

    private void MoveOn()
    {
        var now = (long)time.GetElapsedTime(_startedAt).TotalSeconds;
        for (var second = Math.Max(_second + 1, now - Seconds + 1); second <= now; second++)
        {
            _counts[second % Seconds] = 0;
        }

        _second = now;
    }
}
