namespace Mesh.Client.Faults.Load;

/// <summary>What became of all calls of a run.</summary>
internal sealed class LoadResult(IReadOnlyCollection<CallOutcome> outcomes)
{
    private readonly double[] _latencies = [.. outcomes.Where(o => o.Success).Select(o => o.Latency.TotalMilliseconds).Order()];

    public int Requests => outcomes.Count;

    public int Successes => _latencies.Length;

    /// <summary>The latency in milliseconds that the given share of the successful calls did not exceed; null without any.</summary>
    /// <remarks>Failed calls are left out: an open breaker fails within microseconds, and counted in
    /// it would make its client look fast.</remarks>
    public double? Percentile(double share) =>
        _latencies.Length == 0 ? null : _latencies[Math.Max(0, (int)Math.Ceiling(share * _latencies.Length) - 1)];

    /// <summary>The commonest failures with their numbers.</summary>
    public string DescribeFailures() => string.Join(", ", outcomes
        .Where(o => !o.Success)
        .GroupBy(o => o.Failure)
        .OrderByDescending(g => g.Count())
        .Take(3)
        .Select(g => $"{g.Count()} x {g.Key}"));
}
