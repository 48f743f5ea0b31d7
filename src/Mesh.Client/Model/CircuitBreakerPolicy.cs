namespace Mesh.Client.Model;

/// <summary>The circuit breaker settings in force for a service. Equal settings share a breaker across reloads.</summary>
internal sealed record CircuitBreakerPolicy(
    bool Enabled, double FailureRatio, int MinimumThroughput, TimeSpan SamplingDuration, TimeSpan BreakDuration);
