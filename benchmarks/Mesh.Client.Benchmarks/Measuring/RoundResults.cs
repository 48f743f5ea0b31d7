namespace Mesh.Client.Benchmarks.Measuring;

/// <summary>The measurements of every case, one for each round.</summary>
internal sealed class RoundResults
{
    private readonly Dictionary<BenchmarkCase, List<Measurement>> _measurements = [];
    private readonly Dictionary<BenchmarkCase, string> _failures = [];

    public IReadOnlyDictionary<BenchmarkCase, string> Failures => _failures;

    public IEnumerable<BenchmarkCase> Cases => _measurements.Keys;

    public void Add(BenchmarkCase benchmarkCase, Measurement measurement)
    {
        if (!_measurements.TryGetValue(benchmarkCase, out var rounds))
        {
            _measurements[benchmarkCase] = rounds = [];
        }

        rounds.Add(measurement);
    }

    public void Fail(BenchmarkCase benchmarkCase, string reason) => _failures[benchmarkCase] = reason;

    public bool HasFailed(BenchmarkCase benchmarkCase) => _failures.ContainsKey(benchmarkCase);

    /// <summary>Least, median and greatest processor time of a call.</summary>
    public (double Min, double Median, double Max) CpuNs(BenchmarkCase benchmarkCase) => Spread(benchmarkCase, m => m.CpuNs);

    /// <summary>Median of the bytes of a call.</summary>
    public double Bytes(BenchmarkCase benchmarkCase) => Spread(benchmarkCase, m => m.Bytes).Median;

    private (double Min, double Median, double Max) Spread(BenchmarkCase benchmarkCase, Func<Measurement, double> value)
    {
        double[] values = [.. _measurements[benchmarkCase].Select(value).Order()];
        var middle = values.Length / 2;
        var median = values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
        return (values[0], median, values[^1]);
    }
}
