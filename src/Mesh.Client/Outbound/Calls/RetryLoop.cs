using System.Collections.Concurrent;
using Mesh.Client.Model;
using Mesh.Client.Primitives;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace Mesh.Client.Outbound.Calls;

/// <summary>Polly's retry, entered after a first attempt with an outcome that may be repeated. It gets this outcome as its own first
/// result, so that it sees the whole sequence.</summary>
internal sealed class RetryLoop(RetryRules rules, MeshClock clock, IRandomSource random)
{
    private static readonly ResiliencePropertyKey<Call> CallKey = new("mesh.call");

    private readonly ConcurrentDictionary<int, ResiliencePipeline<HttpResponseMessage>> _pipelines = new();

    /// <summary>Repeats until an attempt succeeds or the rules say no; the result is the call's <see cref="Call.Last"/>.</summary>
    public async ValueTask RunAsync(Call call, Func<Attempt, ValueTask> send)
    {
        var pipeline = _pipelines.GetOrAdd(call.Policy.MaxRetries, Build);
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, call.CallerToken);
        context.Properties.Set(CallKey, call);
        try
        {
            var outcome = await pipeline.ExecuteOutcomeAsync(
                static async (_, s) =>
                {
                    if (!s.Consume())
                    {
                        await s.RepeatAsync().ConfigureAwait(false);
                    }

                    // The response stays with the call: Polly would dispose of it before the next attempt, which may answer with the same
                    // object.
                    return s.Call.Last.Exception is { } exception
                        ? Outcome.FromException<HttpResponseMessage>(exception)
                        : Outcome.FromResult<HttpResponseMessage>(null!);
                },
                context,
                new Sequence(call, send)).ConfigureAwait(false);

            // The caller gave up while a retry waited, or just as the first answer arrived: that answer is disposed of.
            if (outcome.Exception is OperationCanceledException canceled && !ReferenceEquals(canceled, call.Last.Exception))
            {
                call.Last.Response?.Dispose();
                call.Last = new AttemptResult(new TaskCanceledException(canceled.Message, null, call.CallerToken), CallOutcome.Canceled);
            }
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private ResiliencePipeline<HttpResponseMessage> Build(int maxRetries) =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock.TimeProvider }
            .AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = maxRetries,
                ShouldRetryAfterHeader = false,
                ShouldHandle = args => new ValueTask<bool>(rules.TryBegin(args.Context.Properties.GetValue(CallKey, null!).First)),
                DelayGenerator = args => new ValueTask<TimeSpan?>(rules.Delay(args.Context.Properties.GetValue(CallKey, null!))),
                Randomizer = random.NextDouble,
            })
            .Build();

    /// <summary>The call, and whether its first outcome was handed over already.</summary>
    private sealed class Sequence(Call call, Func<Attempt, ValueTask> send)
    {
        private bool _started;

        public Call Call => call;

        /// <summary>Makes the next attempt, and disposes of the previous answer.</summary>
        public async ValueTask RepeatAsync()
        {
            var previous = call.Last.Response;
            call.NoteRepeated();
            if (!call.Primary.IsOwn || call.Primary.Reach.IsRuntimes)
            {
                // This frees its connection for the next attempt.
                previous?.Dispose();
                await MakeAsync().ConfigureAwait(false);
                return;
            }

            // A handler in a test may return the same response each time.
            await MakeAsync().ConfigureAwait(false);
            if (!ReferenceEquals(previous, call.Last.Response))
            {
                previous?.Dispose();
            }
        }

        private async ValueTask MakeAsync()
        {
            await send(call.First).ConfigureAwait(false);
            call.Take(call.First);
        }

        /// <summary>True exactly once: for the first outcome, which exists already.</summary>
        public bool Consume()
        {
            var first = !_started;
            _started = true;
            return first;
        }
    }
}
