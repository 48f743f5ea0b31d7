using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Polly;
using Polly.CircuitBreaker;

namespace Mesh.Client.Outbound.Resilience;

/// <summary>The circuit breaker of a service: Polly's, fed with final outcomes only.</summary>
/// <remarks>
/// While it is closed, calls run directly and their outcome is recorded afterwards, through a callback that has already completed; this
/// costs no allocation and no frame. While it is not closed, it is asked before a call and waits for the verdict of the call, so that
/// exactly one trial is let through.
/// </remarks>
internal sealed class CircuitBreaker
{
    // Polly judges by results; these two stand for success and failure. The real result stays with the call.
    private static readonly HttpResponseMessage Success = new(System.Net.HttpStatusCode.OK);
    private static readonly HttpResponseMessage Failure = new(System.Net.HttpStatusCode.InternalServerError);

    private static readonly ResiliencePropertyKey<bool> Undecided = new("mesh.undecided");

    private readonly Func<CircuitBreakerStateProvider, ResiliencePipeline<HttpResponseMessage>>? _build;
    private readonly CircuitBreakerStateProvider _state = new();

    // Built with the first outcome: a registry may name thousands of services, and most of them are never called.
    private ResiliencePipeline<HttpResponseMessage>? _pipeline;

    // The trial that was admitted last.
    private BreakerTrial? _trial;

    /// <param name="build">Makes Polly's breaker, with this state; null for a breaker that is always closed.</param>
    public CircuitBreaker(Func<CircuitBreakerStateProvider, ResiliencePipeline<HttpResponseMessage>>? build) => _build = build;

    public bool IsClosed => _build is null || _state.CircuitState == CircuitState.Closed;

    public CircuitState State => _state.CircuitState;

    private ResiliencePipeline<HttpResponseMessage> Pipeline => Volatile.Read(ref _pipeline) ?? Build();

    public static bool IsFailure(HttpResponseMessage? marker) => ReferenceEquals(marker, Failure);

    /// <summary>Whether the caller has ended a trial, so that it proves nothing. The next call is the next trial: callers that give up
    /// early must not keep the breaker open for the others.</summary>
    public static bool IsUndecided(ResilienceContext context) => context.Properties.GetValue(Undecided, false);

    /// <summary>Records the outcome of a call that ran while the breaker was closed.</summary>
    public void Record(CallOutcome outcome)
    {
        if (_build is null || !(outcome is CallOutcome.Ok || outcome.IsFailure()))
        {
            return;
        }

        // Opened meanwhile: the result is from before that, and must not count as the trial's.
        if (_state.CircuitState != CircuitState.Closed)
        {
            return;
        }

        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false);
        try
        {
            // Completes synchronously: so does the callback, and closing or opening never waits.
            var recorded = Pipeline.ExecuteOutcomeAsync(
                static (_, marker) => new ValueTask<Outcome<HttpResponseMessage>>(Outcome.FromResult(marker)),
                context,
                outcome == CallOutcome.Ok ? Success : Failure);
            if (recorded.IsCompleted)
            {
                _ = recorded.Result;
            }
            else
            {
                recorded.AsTask().GetAwaiter().GetResult();
            }
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>Asks to let a call through while the breaker is not closed: as the trial, or beside one that takes long.</summary>
    /// <param name="now">The time.</param>
    /// <returns>The trial, which must be decided; otherwise no call is ever admitted again. Null when the call is refused, and then the
    /// time until the next trial, if it is known.</returns>
    public async ValueTask<(BreakerTrial? Trial, TimeSpan? RetryAfter)> AdmitAsync(MeshTime now)
    {
        // Polly runs an admitted call at once, and then waits for the verdict. Nothing else waits for this task.
        var trial = new BreakerTrial(now);
        var run = RunAsync(trial).AsTask();
        if (trial.IsAdmitted)
        {
            AbandonedTask.Watch(run);
            trial.Recorded = run;
            Volatile.Write(ref _trial, trial);
            return (trial, null);
        }

        var refused = await run.ConfigureAwait(false);
        return Volatile.Read(ref _trial) is { } underWay && underWay.TryJoin(now) ? (underWay, null) : (null, refused?.RetryAfter);
    }

    private async ValueTask<BrokenCircuitException?> RunAsync(BreakerTrial trial)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false);
        try
        {
            var outcome = await Pipeline.ExecuteOutcomeAsync(
                static async (context, trial) =>
                {
                    var result = await trial.RunAsync().ConfigureAwait(false);
                    if (result is CallOutcome.Deadline or CallOutcome.Canceled or CallOutcome.LocalError)
                    {
                        context.Properties.Set(Undecided, true);
                    }

                    // A trial without a verdict has not shown that the service has recovered.
                    return Outcome.FromResult(result == CallOutcome.Ok ? Success : Failure);
                },
                context,
                trial).ConfigureAwait(false);
            return outcome.Exception as BrokenCircuitException;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private ResiliencePipeline<HttpResponseMessage> Build()
    {
        // Guards that it is built once: the state shows one breaker only.
        lock (_state)
        {
            if (_pipeline is null)
            {
                Volatile.Write(ref _pipeline, _build!(_state));
            }

            return _pipeline;
        }
    }
}
