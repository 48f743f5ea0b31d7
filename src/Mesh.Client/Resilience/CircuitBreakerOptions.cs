namespace Mesh.Client;

/// <summary>When calls to a service as a whole are refused for a while. It sees final outcomes only: a fault that retries hide never opens it.</summary>
public sealed class CircuitBreakerOptions
{
    /// <summary>Whether the breaker is on.</summary>
    /// <value>Default true.</value>
    public bool? Enabled { get; set; }

    /// <summary>The share of failed calls at which it opens.</summary>
    /// <value>Default 0.5; above 0, up to 1.</value>
    public double? FailureRatio { get; set; }

    /// <summary>The fewest calls within <see cref="SamplingDuration"/> that it judges by.</summary>
    /// <value>Default 20; 2 or more.</value>
    public int? MinimumThroughput { get; set; }

    /// <summary>The window that it looks at.</summary>
    /// <value>Default 10 s; from 0.5 s to 24 h.</value>
    public TimeSpan? SamplingDuration { get; set; }

    /// <summary>How long it stays open before it lets one call through as a trial.</summary>
    /// <value>Default 5 s; from 0.5 s to 24 h.</value>
    public TimeSpan? BreakDuration { get; set; }
}
