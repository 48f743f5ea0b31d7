using System.Diagnostics;

namespace Storefront.Controls;

/// <summary>Counts what this process answered.</summary>
internal sealed class InstanceCounters
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);

    // Guards all fields: they are read together, so that an answer is never counted by half.
    private readonly Lock _lock = new();
    private readonly (long At, double Milliseconds)[] _recent = new (long, double)[2048];
    private long _requests;
    private long _succeeded;
    private long _failed;
    private long _slow;

    public void Add(FaultMode fault, bool succeeded, TimeSpan duration)
    {
        lock (_lock)
        {
            _recent[_requests % _recent.Length] = (Stopwatch.GetTimestamp(), duration.TotalMilliseconds);
            _requests++;
            _succeeded += succeeded ? 1 : 0;
            _failed += fault == FaultMode.Failing ? 1 : 0;
            _slow += fault == FaultMode.Slow ? 1 : 0;
        }
    }

    public InstanceStats Read()
    {
        lock (_lock)
        {
            var durations = _recent.Take((int)Math.Min(_requests, _recent.Length))
                .Where(answer => Stopwatch.GetElapsedTime(answer.At) < Window)
                .Select(answer => answer.Milliseconds);
            var latency = Latency.Of(durations);
            return new InstanceStats(Environment.ProcessId, _requests, _succeeded, _failed, _slow, latency.P50, latency.P99);
        }
    }
}
