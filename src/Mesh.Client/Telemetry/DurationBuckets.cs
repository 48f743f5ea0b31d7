namespace Mesh.Client.Telemetry;

/// <summary>The bucket boundaries of OpenTelemetry's conventions for durations of HTTP requests.</summary>
internal static class DurationBuckets
{
    public static readonly double[] Seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
}
