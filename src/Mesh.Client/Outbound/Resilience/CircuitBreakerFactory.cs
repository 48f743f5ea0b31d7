using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Mesh.Client.Telemetry;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;

namespace Mesh.Client.Outbound.Resilience;

/// <summary>Builds the circuit breaker of a service.</summary>
internal sealed partial class CircuitBreakerFactory([OwnClock] TimeProvider time, GuardedLogger<LogCategories.CircuitBreakerFactory> logger)
{
    public CircuitBreaker Create(string service, CircuitBreakerPolicy policy) =>
        new(policy.Enabled ? state => Build(service, policy, state) : null);

    private ResiliencePipeline<HttpResponseMessage> Build(
        string service, CircuitBreakerPolicy policy, CircuitBreakerStateProvider state) =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions
            {
                FailureRatio = policy.FailureRatio,
                MinimumThroughput = policy.MinimumThroughput,
                SamplingDuration = policy.SamplingDuration,
                BreakDuration = policy.BreakDuration,
                BreakDurationGenerator = args =>
                    new ValueTask<TimeSpan>(CircuitBreaker.IsUndecided(args.Context) ? TimeSpan.Zero : policy.BreakDuration),
                StateProvider = state,
                ShouldHandle = static args => new ValueTask<bool>(CircuitBreaker.IsFailure(args.Outcome.Result)),
                OnOpened = args =>
                {
                    if (!CircuitBreaker.IsUndecided(args.Context))
                    {
                        LogOpened(logger, service, args.BreakDuration.TotalSeconds);
                    }

                    return default;
                },
                OnClosed = _ =>
                {
                    LogClosed(logger, service);
                    return default;
                },
            })
            .Build();

    [LoggerMessage(
        1300,
        LogLevel.Warning,
        "The circuit breaker of service '{Service}' is open for {Seconds:0.0} s: too many calls failed. Calls are refused "
        + "until a trial succeeds.",
        EventName = "CircuitOpened")]
    private static partial void LogOpened(ILogger logger, string service, double seconds);

    [LoggerMessage(1301, LogLevel.Information, "The circuit breaker of service '{Service}' is closed again.", EventName = "CircuitClosed")]
    private static partial void LogClosed(ILogger logger, string service);
}
