using Mesh.Client.Options;

namespace Mesh.Client.Model;

/// <summary>The circuit breaker settings in force for a service. Equal settings share a breaker across reloads.</summary>
internal sealed record CircuitBreakerPolicy(
    bool Enabled, double FailureRatio, int MinimumThroughput, TimeSpan SamplingDuration, TimeSpan BreakDuration)
{
    public static CircuitBreakerPolicy Create(CircuitBreakerOptions service, CircuitBreakerOptions defaults) => new(
        service.Enabled ?? defaults.Enabled ?? true,
        service.FailureRatio ?? defaults.FailureRatio ?? 0.5,
        service.MinimumThroughput ?? defaults.MinimumThroughput ?? 20,
        service.SamplingDuration ?? defaults.SamplingDuration ?? TimeSpan.FromSeconds(10),
        service.BreakDuration ?? defaults.BreakDuration ?? TimeSpan.FromSeconds(5));
}
