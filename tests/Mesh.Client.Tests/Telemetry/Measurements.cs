using System.Globalization;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace Mesh.Client.Tests.Telemetry;

/// <summary>What was measured, as text that a test can compare.</summary>
internal static class Measurements
{
    /// <summary>Value and tags in alphabetical order, one line for each measurement.</summary>
    public static string[] Lines<T>(this MetricCollector<T> collector)
        where T : struct =>
        [.. collector.GetMeasurementSnapshot().Select(m =>
            string.Join(' ', m.Tags.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{t.Key}={t.Value}")
                .Prepend(Convert.ToString(m.Value, CultureInfo.InvariantCulture))))];

    /// <summary>What an observable instrument says now.</summary>
    public static string[] Observe<T>(this MetricCollector<T> collector)
        where T : struct
    {
        collector.Clear();
        collector.RecordObservableInstruments();
        return collector.Lines();
    }
}
