namespace Mesh.Client.Benchmarks.Registry;

/// <summary>Latencies in microseconds.</summary>
internal sealed record Percentiles(double P50, double P99, double Most)
{
    public static Percentiles Of(List<double> micros)
    {
        micros.Sort();
        return new Percentiles(micros[micros.Count / 2], micros[(int)(micros.Count * 0.99)], micros[^1]);
    }

    /// <summary>Each the median of its like.</summary>
    public static Percentiles Median(IReadOnlyList<Percentiles> turns)
    {
        return new Percentiles(Of(static p => p.P50), Of(static p => p.P99), Of(static p => p.Most));

        double Of(Func<Percentiles, double> value) => turns.Select(value).Order().ElementAt(turns.Count / 2);
    }

    public override string ToString() => $"p50 {P50:0} µs, p99 {P99:0} µs, longest {Most / 1000:0.0} ms";
}
