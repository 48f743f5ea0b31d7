namespace Storefront.Controls;

/// <summary>Two percentiles of durations in milliseconds; <see cref="double.NaN"/> would not survive JSON, so none is 0.</summary>
internal readonly record struct Latency(double P50, double P99)
{
    public static Latency Of(IEnumerable<double> durations)
    {
        var sorted = durations.Order().ToArray();
        return new Latency(At(sorted, 0.50), At(sorted, 0.99));
    }

    // Nearest rank: always a duration that was measured.
    private static double At(double[] sorted, double quantile) =>
        sorted.Length == 0 ? 0 : sorted[(int)Math.Ceiling(quantile * sorted.Length) - 1];
}
