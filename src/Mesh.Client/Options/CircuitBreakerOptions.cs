namespace Mesh.Client.Options;

/// <summary>Circuit breaker: when all calls to a service are rejected for a while. It counts final outcomes only, so failures that retries
/// make up for never open it.</summary>
public sealed class CircuitBreakerOptions
{
    /// <summary>Whether the breaker is on.</summary>
    /// <value>Default true.</value>
    public bool? Enabled { get; set; }

    /// <summary>Share of failed calls at which it opens.</summary>
    /// <value>Default 0.5; above 0, up to 1.</value>
    public double? FailureRatio { get; set; }

    /// <summary>Minimum number of calls within <see cref="SamplingDuration"/> before it may open.</summary>
    /// <value>Default 20; 2 or more.</value>
    public int? MinimumThroughput { get; set; }

    /// <summary>Time window of <see cref="FailureRatio"/> and <see cref="MinimumThroughput"/>.</summary>
    /// <value>Default 10 s; from 0.5 s to 24 h.</value>
    public TimeSpan? SamplingDuration { get; set; }

    /// <summary>How long it stays open before it lets one call through as a trial.</summary>
    /// <value>Default 5 s; from 0.5 s to 24 h.</value>
    public TimeSpan? BreakDuration { get; set; }
}
